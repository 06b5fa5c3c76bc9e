"""What `helm install` says in the end is true of what it has installed."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.deployment.chart.rendering import CHART, NEWEST, TOOLS, VALUES, chart, of_kind, run

pytestmark = pytest.mark.tools

WRAPPED = """apiVersion: v1
kind: ConfigMap
metadata: {name: notes}
data:
  notes: |
    {{- include "notes" . | nindent 4 }}
"""


def notes(values: str, folder: Path) -> str:
    """`helm template` leaves the notes out; in a copy of the chart they are an object like any other."""
    shutil.copytree(CHART, folder / "chart")
    templates = folder / "chart" / "templates"
    text = (templates / "NOTES.txt").read_text()
    (templates / "_notes.tpl").write_text('{{- define "notes" -}}\n' + text + "{{- end -}}\n")
    (templates / "notes.yaml").write_text(WRAPPED)
    given = () if VALUES[values] is None else ("--values", VALUES[values])
    command = (TOOLS / "helm", "template", "spreadmesh", folder / "chart", "--namespace", "spreadmesh")
    done = run(*command, "--kube-version", NEWEST, "--show-only", "templates/notes.yaml", *given)
    assert done.returncode == 0, done.stderr
    said: str = yaml.safe_load(done.stdout)["data"]["notes"]
    return said


@pytest.mark.parametrize("values", VALUES)
def test_services_and_claims_that_it_names_are_there(values: str, tmp_path: Path) -> None:
    said, found = notes(values, tmp_path), chart(values)
    services = {each["metadata"]["name"] for each in of_kind(found, "Service")}
    assert set(re.findall(r"port-forward service/(\S+)", said)) <= services
    assert set(re.findall(r"(\S+?)\.spreadmesh:740[12]", said.replace("dns:///", ""))) <= services
    claims = {
        f"{claim['metadata']['name']}-{each['metadata']['name']}-0"
        for each in of_kind(found, "StatefulSet")
        for claim in each["spec"]["volumeClaimTemplates"]
    }
    assert set(re.findall(r"claim (journal-\S+?),", said)) <= claims


@pytest.mark.parametrize(
    ("values", "sentences", "not_said"),
    [
        ("default", ["Pods wait until", "spreadmesh-access", "previewed and not placed"], ["WARNING"]),
        (
            "demo",
            ["WARNING: security.insecure=allowed", "Markets are simulated"],
            ["Pods wait", "SPREADMESH_TLS"],
        ),
        ("production", ["second factor included", "Presets can't be saved"], ["WARNING"]),
        ("linkerd", ["Orders are placed", "spreadmesh halt"], ["previewed and not placed", "Presets can't"]),
        ("cert-manager", ["SPREADMESH_TLS_SERVER_NAME=desk-scanner"], ["Pods wait"]),
    ],
)
def test_it_says_what_matters(values: str, sentences: list[str], not_said: list[str], tmp_path: Path) -> None:
    said = notes(values, tmp_path)
    assert [sentence for sentence in sentences if sentence not in said] == []
    assert [sentence for sentence in not_said if sentence in said] == []
