"""In a service mesh no order is sent twice, a scanner never places, and an underlying has one scanner."""

import re

import pytest
from spreadmesh.market.v1 import market_data_service_pb2
from spreadmesh.order.v1 import control_service_pb2, order_service_pb2
from spreadmesh_client.routing import UNDERLYING_KEY

from tests.deployment.chart.rendering import Object, chart, of_kind, one

pytestmark = pytest.mark.tools

MARKET = market_data_service_pb2.DESCRIPTOR.services_by_name["MarketDataService"].full_name
ORDERS = [
    service.full_name
    for file in (order_service_pb2, control_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
]


@pytest.mark.parametrize("service", ORDERS)
def test_istio_tries_no_order_twice(service: str) -> None:
    routes = one(chart("istio"), "VirtualService", "spreadmesh-ibkr-server")["spec"]["http"]
    taken = next(route for route in routes if istio_takes(route, f"/{service}/PlaceOrder"))
    assert taken["retries"] == {"attempts": 0}
    retried = [route for route in routes if route["retries"]["attempts"]]
    assert [istio_takes(route, f"/{MARKET}/GetOptionChain") for route in retried] == [True]
    assert "match" not in routes[-1], "or what has no route would be refused"


def istio_takes(route: Object, path: str) -> bool:
    matches = route.get("match", [{"uri": {"prefix": "/"}}])
    return any(path.startswith(match["uri"]["prefix"]) for match in matches)


@pytest.mark.parametrize("service", ORDERS)
def test_linkerd_tries_no_order_twice(service: str) -> None:
    routes = of_kind(chart("linkerd"), "GRPCRoute")
    (taken,) = [route for route in routes if service in services_of(route)]
    assert taken["metadata"]["annotations"] == {"retry.linkerd.io/limit": "0"}
    (retried,) = [route for route in routes if "retry.linkerd.io/grpc" in route["metadata"]["annotations"]]
    assert services_of(retried) == [MARKET]
    for each in of_kind(chart("linkerd"), "Service"):
        assert "annotations" not in each["metadata"]


def services_of(route: Object) -> list[str]:
    rules = [rule for rule in route["spec"]["rules"] if "matches" in rule]
    return [match["method"]["service"] for rule in rules for match in rule["matches"]]


def test_istio_lets_the_scanner_read_and_nothing_else() -> None:
    rules = one(chart("istio"), "AuthorizationPolicy", "spreadmesh-ibkr-server")["spec"]["rules"]
    scanner = "cluster.local/ns/spreadmesh/sa/spreadmesh-scanner"
    allowed = [rule["to"] for rule in rules if scanner in principals(rule)]
    assert allowed == [[{"operation": {"ports": ["7401"], "paths": [f"/{MARKET}/*"]}}]]
    assert [rule["to"] for rule in rules if not principals(rule)] == [
        [{"operation": {"ports": ["7481", "7491"]}}]
    ]


def principals(rule: Object) -> list[str]:
    return [name for source in rule.get("from", []) for name in source["source"]["principals"]]


def test_linkerd_lets_the_scanner_read_and_nothing_else() -> None:
    found = chart("linkerd")
    names = {each["metadata"]["name"] for each in of_kind(found, "MeshTLSAuthentication") if of_scanner(each)}
    granted = [
        each["spec"]["targetRef"]
        for each in of_kind(found, "AuthorizationPolicy")
        if names & {ref["name"] for ref in each["spec"]["requiredAuthenticationRefs"]}
    ]
    (target,) = granted
    assert target["kind"] == "HTTPRoute"
    (rule,) = one(found, "HTTPRoute", target["name"])["spec"]["rules"]
    assert [match["path"]["value"] for match in rule["matches"]] == [f"/{MARKET}"]


def of_scanner(each: Object) -> bool:
    return any(ref["name"] == "spreadmesh-scanner" for ref in each["spec"]["identityRefs"])


def test_istio_sends_an_underlying_to_one_scanner() -> None:
    rule = one(chart("istio"), "DestinationRule", "spreadmesh-scanner")["spec"]
    assert rule["trafficPolicy"]["loadBalancer"]["consistentHash"]["httpHeaderName"] == UNDERLYING_KEY
    name = re.sub(r"\..*", "", rule["host"])
    assert one(chart("istio"), "Service", name)["spec"].get("clusterIP") != "None", "where Istio can't hash"


@pytest.mark.parametrize(("values", "component"), [("istio", "simulator"), ("linkerd", "ib-gateway")])
def test_only_the_server_reaches_the_socket(values: str, component: str) -> None:
    policies = of_kind(chart(values), "AuthorizationPolicy")
    of_socket = [each for each in policies if component in each["metadata"]["name"]]
    (policy,) = of_socket
    if values == "istio":
        (rule,) = policy["spec"]["rules"]
        assert principals(rule) == ["cluster.local/ns/spreadmesh/sa/spreadmesh-ibkr-server"]
    else:
        (reference,) = policy["spec"]["requiredAuthenticationRefs"]
        identities = one(chart(values), "MeshTLSAuthentication", reference["name"])["spec"]["identityRefs"]
        assert [each["name"] for each in identities] == ["spreadmesh-ibkr-server"]
