"""Scanners are many and forget nothing that matters."""

import pytest
from spreadmesh.scan.v1 import scan_service_pb2

from mesh.server import STOP_SECONDS
from tests.deployment.chart.rendering import Object, chart, of_kind, one

pytestmark = pytest.mark.tools

SCAN = scan_service_pb2.DESCRIPTOR.services_by_name["ScanService"].full_name


@pytest.fixture
def scanner(found: list[Object]) -> Object:
    deployments = of_kind(found, "Deployment")
    (only,) = [each for each in deployments if each["metadata"]["name"].endswith("-scanner")]
    return only


def test_clients_see_every_one_of_them(found: list[Object]) -> None:
    services = [each for each in of_kind(found, "Service") if "scanner" in each["metadata"]["name"]]
    headless, single = sorted(services, key=lambda each: each["spec"].get("clusterIP", ""), reverse=True)
    assert headless["spec"]["clusterIP"] == "None"
    assert single["spec"]["type"] == "ClusterIP"
    (config,) = [each for each in of_kind(found, "ConfigMap") if "IBKR_SERVER" in each["data"]]
    assert float(config["data"]["MAX_CONNECTION_AGE_SECONDS"]) > 0, "or a new scanner would get no calls"


def test_alive_is_the_process_and_ready_the_service(scanner: Object) -> None:
    spec = scanner["spec"]["template"]["spec"]
    container = spec["containers"][0]
    assert container["livenessProbe"]["grpc"]["service"] == ""
    assert container["readinessProbe"]["grpc"]["service"] == SCAN
    assert spec["terminationGracePeriodSeconds"] > STOP_SECONDS


def test_they_are_spread_over_nodes_and_zones(scanner: Object) -> None:
    constraints = scanner["spec"]["template"]["spec"]["topologySpreadConstraints"]
    labels = scanner["spec"]["template"]["metadata"]["labels"].items()
    assert [each["topologyKey"] for each in constraints] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    assert all(each["labelSelector"]["matchLabels"].items() <= labels for each in constraints)


def test_none_goes_before_another_is_ready() -> None:
    scanner = one(chart("default"), "Deployment", "spreadmesh-scanner")
    assert scanner["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert scanner["spec"]["minReadySeconds"] == 30


def test_who_scales_says_how_many() -> None:
    found = chart("production")
    assert "replicas" not in one(found, "Deployment", "spreadmesh-scanner")["spec"]
    autoscaler = one(found, "HorizontalPodAutoscaler", "spreadmesh-scanner")
    assert autoscaler["spec"]["scaleTargetRef"]["name"] == "spreadmesh-scanner"


def test_presets_are_saved_by_one_alone_which_ends_before_the_next_begins() -> None:
    found = chart("linkerd")
    config = one(found, "ConfigMap", "spreadmesh-scanner")["data"]
    spec = one(found, "Deployment", "spreadmesh-scanner")["spec"]
    state = {volume["name"]: volume for volume in spec["template"]["spec"]["volumes"]}["state"]
    assert config["PRESETS_FILE"] == "/var/lib/spreadmesh/presets.sqlite3"
    assert spec["strategy"] == {"type": "Recreate"}
    assert state["persistentVolumeClaim"]["claimName"] == "spreadmesh-scanner"
    assert one(found, "PersistentVolumeClaim", "spreadmesh-scanner")
    assert one(chart("default"), "ConfigMap", "spreadmesh-scanner")["data"]["PRESETS_FILE"] == ""


def test_a_changed_setting_gives_new_pods() -> None:
    def checksum(*options: str) -> str:
        pod = one(chart("default", *options), "Deployment", "spreadmesh-scanner")["spec"]["template"]
        value: str = pod["metadata"]["annotations"]["checksum/config"]
        return value

    changed = [
        checksum("--set-string", "scanner.config.RATE=0.03"),
        checksum("--set", "scanner.universes.mega={AAPL}"),
    ]
    assert len({checksum(), *changed}) == 3
    assert checksum("--set", "ibkrServer.podLabels.a=b") == checksum()
