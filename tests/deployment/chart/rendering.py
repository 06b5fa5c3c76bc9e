"""The chart and the overlays as objects of Kubernetes."""

import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
CHART: Final = ROOT / "helm" / "spreadmesh"
TOOLS: Final = ROOT / ".tools" / "bin"
OVERLAYS: Final = ("demo", "production")
RELEASE: Final = "spreadmesh"
NEWEST: Final = "1.37"
"""The newest Kubernetes whose schemas are at hand; what is rendered is rendered for it."""

Object = dict[str, Any]

VALUES: Final = {
    "default": None,
    "demo": CHART / "values-demo.yaml",
    "production": CHART / "values-production.yaml",
} | {file.stem: file for file in sorted((Path(__file__).parent / "values").glob("*.yaml"))}
"""Values by name: those of the chart, and sets of ours that turn on everything else."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program and take what it says; its failure is the caller's to look at."""
    parts = [str(part) for part in command]
    return subprocess.run(parts, check=False, capture_output=True, text=True, timeout=60)


def helm_template(values: str, *options: str) -> subprocess.CompletedProcess[str]:
    """`helm template` with values by their name here."""
    file = VALUES[values]
    given = () if file is None else ("--values", file)
    command = (TOOLS / "helm", "template", RELEASE, CHART, "--namespace", RELEASE, "--kube-version", NEWEST)
    return run(*command, *given, *options)


@functools.cache
def rendered(values: str, *options: str) -> str:
    """What the chart makes of values, as YAML."""
    done = helm_template(values, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


BUILDERS: Final = {"kustomize": (str(TOOLS / "kustomize"), "build")} | (
    {"kubectl": (found, "kustomize")} if (found := shutil.which("kubectl")) else {}
)
"""What builds overlays: kustomize, and kubectl where there is one, which carries it in another version."""


@functools.cache
def built(overlay: str, builder: str = "kustomize") -> str:
    """What kustomize makes of an overlay, as YAML."""
    done = run(*BUILDERS[builder], ROOT / "k8s" / "overlays" / overlay)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[Object]:
    """The documents of a YAML text, without empty ones."""
    return [one for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def chart(values: str, *options: str) -> list[Object]:
    """The chart's objects."""
    return objects(rendered(values, *options))


def one(found: list[Object], kind: str, name: str) -> Object:
    """The only object of a kind and name."""
    (match,) = [each for each in found if each["kind"] == kind and each["metadata"]["name"] == name]
    return match


def of_kind(found: list[Object], *kinds: str) -> list[Object]:
    """All of some kinds."""
    return [each for each in found if each["kind"] in kinds]


def pods(found: list[Object]) -> Iterator[tuple[str, Object]]:
    """Name and template (metadata and spec) of whatever makes pods."""
    for each in found:
        if each["kind"] == "Pod":
            yield each["metadata"]["name"], each
        elif each["kind"] in ("Deployment", "StatefulSet"):
            yield each["metadata"]["name"], each["spec"]["template"]
