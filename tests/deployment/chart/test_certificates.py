"""cert-manager makes certificates that fit the names callers use, and the identities that servers list."""

import pytest

from tests.deployment.chart.rendering import Object, chart, of_kind, one, pods

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def found() -> list[Object]:
    return chart("cert-manager")


def test_they_are_the_secrets_that_pods_mount(found: list[Object]) -> None:
    made = {each["spec"]["secretName"] for each in of_kind(found, "Certificate")}
    volumes = [volume for _, pod in pods(found) for volume in pod["spec"]["volumes"]]
    assert made == {volume["secret"]["secretName"] for volume in volumes if volume["name"] == "tls"}


def test_servers_have_the_names_of_their_services(found: list[Object]) -> None:
    names = {name for each in of_kind(found, "Certificate") for name in each["spec"].get("dnsNames", [])}
    for service in of_kind(found, "Service"):
        name = service["metadata"]["name"]
        if "ib-gateway" not in name:
            assert {name, f"{name}.spreadmesh.svc", f"{name}.spreadmesh.svc.cluster.local"} <= names
    assert one(found, "ConfigMap", "desk-scanner")["data"]["IBKR_SERVER"].removesuffix(":7401") in names


def test_identities_are_those_of_the_service_accounts(found: list[Object]) -> None:
    accounts = [each["metadata"]["name"] for each in of_kind(found, "ServiceAccount")]
    ours = [name for name in accounts if "gateway" not in name]
    identities = [uri for each in of_kind(found, "Certificate") for uri in each["spec"]["uris"]]
    assert set(identities) == {f"spiffe://cluster.local/ns/spreadmesh/sa/{name}" for name in ours}


def test_the_scanner_is_a_client_too_and_the_test_no_server(found: list[Object]) -> None:
    usages = {each["metadata"]["name"]: each["spec"]["usages"] for each in of_kind(found, "Certificate")}
    assert {"server auth", "client auth"} <= set(usages["desk-scanner"])
    assert "server auth" not in usages["desk-test"]
