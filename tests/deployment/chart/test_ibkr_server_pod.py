"""One login, one server, one journal: never two, never restarted for a login, always reachable."""

from pathlib import PurePosixPath

import pytest
from spreadmesh.market.v1 import market_data_service_pb2

from mesh.server import STOP_SECONDS
from tests.deployment.chart.rendering import Object, chart, of_kind

pytestmark = pytest.mark.tools

MARKET = market_data_service_pb2.DESCRIPTOR.services_by_name["MarketDataService"].full_name


@pytest.fixture
def server(found: list[Object]) -> Object:
    (only,) = [each for each in of_kind(found, "StatefulSet") if is_of_server(each)]
    return only


def is_of_server(each: Object) -> bool:
    return bool(each["metadata"]["labels"]["app.kubernetes.io/component"] == "ibkr-server")


def test_there_is_one_at_most(found: list[Object], server: Object) -> None:
    assert server["spec"]["replicas"] == 1
    assert server["spec"]["updateStrategy"] == {"type": "RollingUpdate"}
    assert not [each for each in of_kind(found, "HorizontalPodAutoscaler") if is_of_server(each)]


def test_an_update_does_not_wait_for_a_login(server: Object) -> None:
    assert server["spec"]["podManagementPolicy"] == "Parallel"


def test_alive_is_the_process_and_ready_the_service(server: Object) -> None:
    container = server["spec"]["template"]["spec"]["containers"][0]
    assert container["startupProbe"]["grpc"]["service"] == ""
    assert container["livenessProbe"]["grpc"]["service"] == ""
    assert container["readinessProbe"]["grpc"]["service"] == MARKET


def test_it_can_be_reached_while_it_is_not_ready(found: list[Object]) -> None:
    (service,) = [each for each in of_kind(found, "Service") if is_of_server(each)]
    assert service["spec"]["publishNotReadyAddresses"] is True
    assert service["spec"].get("clusterIP") != "None"


def test_it_has_the_time_to_end(server: Object) -> None:
    spec = server["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] > STOP_SECONDS
    assert "lifecycle" not in spec["containers"][0]


def test_the_journal_lies_on_a_volume_that_stays(found: list[Object], server: Object) -> None:
    (config,) = [each for each in of_kind(found, "ConfigMap") if "JOURNAL" in each["data"]]
    folder = str(PurePosixPath(config["data"]["JOURNAL"]).parent)
    mounts = server["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    (name,) = [mount["name"] for mount in mounts if mount["mountPath"] == folder]
    (claim,) = server["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == name
    assert set(server["spec"]["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}


def test_no_drain_takes_it_away_while_it_is_ready() -> None:
    budgets = of_kind(chart("production"), "PodDisruptionBudget")
    (budget,) = [each for each in budgets if is_of_server(each)]
    assert budget["spec"]["maxUnavailable"] == 0
    assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
