"""The instruments of docs/status.md, read through the SDK from a market that has done something."""

import re
from pathlib import Path

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane
from ibkr_server.market import Market
from ibkr_server.metrics import export
from ibkr_server.settings import IbkrSettings

STATUS_PAGE = Path(__file__).parents[2] / "docs/status.md"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, float]]:
    """Values by metric and by the label's value."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr(metrics, "get_meter", provider.get_meter)
    market = Market(IbkrSettings(max_subscriptions=7))
    export(market)
    market.pacer.charge(9)
    market.link.outcomes.count(Outcome.REFUSED)
    market.link.outcomes.count(Outcome.REFUSED)
    market.lines.want("a", 1, 10)
    data = reader.get_metrics_data()
    assert data is not None
    values: dict[str, dict[str, float]] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        points = [point for point in metric.data.data_points if isinstance(point, NumberDataPoint)]
        values[metric.name] = {
            str(next(iter((point.attributes or {}).values()), "")): point.value for point in points
        }
    return values


def label(point: NumberDataPoint) -> str:
    return str(next(iter((point.attributes or {}).values()), ""))


def test_values_are_those_of_the_market(exported: dict[str, dict[str, float]]) -> None:
    assert exported["spreadmesh.gateway.up"] == {"": 0}
    assert exported["spreadmesh.lines.limit"] == {"": 7}
    assert exported["spreadmesh.gateway.sent"]["requests"] == 9
    assert exported["spreadmesh.gateway.requests"] == {"answered": 0, "refused": 2, "unanswered": 0}
    assert exported["spreadmesh.gateway.error_rate"] == {"": 1.0}
    assert exported["spreadmesh.gateway.most_in_a_second"] == {"": 9}
    assert exported["spreadmesh.gateway.throttled_last_minute"] == {"": 0}
    assert set(exported["spreadmesh.gateway.queued"]) == {lane.name.lower() for lane in Lane}


def test_the_page_names_only_what_is_exported(exported: dict[str, dict[str, float]]) -> None:
    named = set(re.findall(r"`(spreadmesh\.(?!scanner)[a-z_.]+)`", STATUS_PAGE.read_text()))
    assert len(named) > 5
    assert named <= set(exported)
