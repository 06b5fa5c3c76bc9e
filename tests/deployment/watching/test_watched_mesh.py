"""A real Prometheus scrapes a mesh at work: what rules and dashboards ask, it can answer."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from spreadmesh.market.v1.gateway_pb2 import GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from mesh.telemetry.spans import read_spans
from tests.deployment.watching.conftest import Watched
from tests.deployment.watching.files import dashboards, panels, rules

pytestmark = pytest.mark.tools

PATIENCE_SECONDS = 40.0
ONLY_WITH_TLS = {"spreadmesh_tls_certificate_expiry_timestamp_seconds"}
WORDS = {"and", "or", "unless"}


def queries() -> dict[str, str]:
    """Of all panels, for all servers, over ten seconds where a rate is asked."""
    found = {}
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                asked = target["expr"].replace("$job", ".+").replace("$instance", ".+")
                found[f"{name}: {panel['title']}: {target['refId']}"] = asked.replace(
                    "$__rate_interval", "10s"
                )
    return found


def metrics_of(expression: str) -> set[str]:
    """Names of the metrics in an expression of PromQL."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(by|without|on) *\([^)]*\)', " ", expression)
    names = set(re.findall(r"(?<![\w:.$])[a-zA-Z_:][\w:]*(?![\w:]| *\()", bare))
    return names - WORDS - {"ALERTS"}


def named() -> Iterator[str]:
    for expression in [rule["expr"] for kind in ("alert", "record") for rule in rules(kind)]:
        yield from metrics_of(expression)
    for query in queries().values():
        yield from metrics_of(query)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for scrapes and spans that are on their way."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < until:
        time.sleep(0.5)


def test_names_of_metrics_are_found() -> None:
    text = 'sum without (lane) (rate(a_total{b="c"}[2m])) * 60 / x:y:z > 0.5e3 unless on (job) up == 0'
    assert metrics_of(text) == {"a_total", "x:y:z", "up"}


def test_every_query_of_every_panel_returns_data(watched: Watched) -> None:
    pending, until = queries(), time.monotonic() + PATIENCE_SECONDS
    assert len(pending) > 50
    with grpc.insecure_channel(watched.mesh.addresses["market"]) as channel:
        status = MarketDataServiceStub(channel).GetGatewayStatus
        while pending and time.monotonic() < until:
            status(GetGatewayStatusRequest(), timeout=5)  # else nobody makes unary calls
            pending = {name: asked for name, asked in pending.items() if not watched.prometheus.values(asked)}
            time.sleep(0.5 if pending else 0)
    assert not pending


def test_every_metric_that_is_named_is_exported(watched: Watched) -> None:
    """By the servers, or recorded from what they export, within their first minute."""
    recorded = {rule["record"] for rule in rules("record")}

    def missing() -> set[str]:
        return set(named()) - set(watched.prometheus.ask("label/__name__/values")) - recorded

    eventually(lambda: missing() == ONLY_WITH_TLS)
    assert missing() == ONLY_WITH_TLS


def test_rules_can_be_evaluated(watched: Watched) -> None:
    groups = watched.prometheus.ask("rules")["groups"]
    found = [rule for group in groups for rule in group["rules"]]
    assert len(found) == len(rules("alert")) + len(rules("record"))
    assert not [rule for rule in found if rule["health"] == "err"]


def test_a_mesh_that_is_well_fires_no_alert(watched: Watched) -> None:
    alerts = watched.prometheus.ask("alerts")["alerts"]
    assert not [
        alert for alert in alerts if alert["state"] == "firing" and alert["labels"]["severity"] != "info"
    ]


def test_an_exemplar_leads_to_a_trace(watched: Watched) -> None:
    def exemplars() -> set[str]:
        now = time.time()
        period = {"start": str(now - 600), "end": str(now)}
        query = "spreadmesh_orders_fill_seconds_bucket"
        series = watched.prometheus.ask("query_exemplars", query=query, **period)
        return {example["labels"]["trace_id"] for one in series for example in one["exemplars"]}

    def fills() -> set[str]:
        spans = read_spans(Path(watched.mesh.addresses["trace_dir"]))
        return {span.trace_id for span in spans if span.name == "order.filled"}

    eventually(lambda: exemplars() == fills() != set())
    assert exemplars() == fills() != set()
