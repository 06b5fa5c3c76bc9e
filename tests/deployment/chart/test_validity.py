"""What is rendered is what Kubernetes takes, and what a linter of production settings has nothing against."""

import kubernetes_validate
import pytest

from tests.deployment.chart.rendering import (
    CHART,
    NEWEST,
    OVERLAYS,
    ROOT,
    TOOLS,
    VALUES,
    Object,
    built,
    of_kind,
    rendered,
    run,
)

pytestmark = pytest.mark.tools

OLDEST = "1.27"
NOT_OF_KUBERNETES = {
    "AuthorizationPolicy",
    "Certificate",
    "DestinationRule",
    "GRPCRoute",
    "HTTPRoute",
    "MeshTLSAuthentication",
    "PeerAuthentication",
    "PrometheusRule",
    "Server",
    "ServiceMonitor",
    "VirtualService",
}


@pytest.mark.parametrize("values", VALUES)
def test_helm_has_nothing_against_it(values: str) -> None:
    given = () if VALUES[values] is None else ("--values", VALUES[values])
    done = run(TOOLS / "helm", "lint", CHART, "--strict", "--quiet", "--kube-version", NEWEST, *given)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_field_is_one_of_kubernetes(found: list[Object], version: str) -> None:
    checked = [each for each in found if each["kind"] not in NOT_OF_KUBERNETES]
    assert checked
    for each in checked:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_field_that_is_not_one_of_kubernetes_is_found(found: list[Object]) -> None:
    service = of_kind(found, "Service")[0]
    with pytest.raises(kubernetes_validate.ValidationError, match="replicas"):
        kubernetes_validate.validate(service | {"replicas": 1}, NEWEST, strict=True)


def test_names_are_there_once(found: list[Object]) -> None:
    names = [(each["apiVersion"], each["kind"], each["metadata"]["name"]) for each in found]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("source", [*VALUES, *(f"overlay {name}" for name in OVERLAYS)])
def test_kube_linter_has_nothing_against_it(source: str, tmp_path) -> None:
    file = tmp_path / "objects.yaml"
    overlay = source.removeprefix("overlay ")
    file.write_text(rendered(source) if overlay == source else built(overlay))
    done = run(TOOLS / "kube-linter", "lint", "--config", ROOT / ".kube-linter.yaml", file)
    assert done.returncode == 0, done.stdout + done.stderr
