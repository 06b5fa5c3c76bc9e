"""The scanner's instruments of docs/status.md, read through the SDK from a server that has done something."""

import re
from pathlib import Path

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from tests.scanner_server.conversation import Conversation, quoted
from tests.scanner_server.scripted_market import CONTRACTS, SHARE, ScriptedMarket

STATUS_PAGE = Path(__file__).parents[2] / "docs/status.md"


class Exported:
    """Values by metric and by the label's value, as they are now."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        self._reader = reader

    def read(self) -> dict[str, dict[str, float]]:
        data = self._reader.get_metrics_data()
        assert data is not None
        scopes = data.resource_metrics[0].scope_metrics
        return {
            metric.name: {label(point): point.value for point in metric.data.data_points}
            for scope in scopes
            for metric in scope.metrics
            if metric.name.startswith("spreadmesh.scanner.")
        }


def label(point: NumberDataPoint) -> str:
    return str(next(iter((point.attributes or {}).values()), ""))


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Exported:
    """Ask for it before the server: instruments are registered when that starts."""
    reader = InMemoryMetricReader()
    monkeypatch.setattr(metrics, "get_meter", MeterProvider([reader]).get_meter)
    return Exported(reader)


@pytest.mark.parametrize("changed_settings", [{"surface_interval": 60.0}])
async def test_values_are_those_of_the_scanner(
    exported: Exported, market: ScriptedMarket, conversation: Conversation
) -> None:
    assert exported.read()["spreadmesh.scanner.last_scan_time"] == {"": 0}
    await conversation.open(credits=2)
    await quoted(market)
    await conversation.hear_ranking()
    market.stream.send_quotes([SHARE], spot=101.0, sequence=5)
    seconds = (await conversation.hear_ranking()).delta.basis.scan_seconds
    values = exported.read()
    assert values["spreadmesh.scanner.scans"] == {"": 2}
    assert values["spreadmesh.scanner.last_scan_time"] == {"": seconds}
    assert values["spreadmesh.scanner.longest_scan_time"][""] >= seconds > 0
    assert values["spreadmesh.scanner.streams"] == values["spreadmesh.scanner.calls"] == {"": 1}
    assert values["spreadmesh.scanner.feed_up"] == {"": 1}
    assert 0 <= values["spreadmesh.scanner.feed_silence"][""] < 20
    assert values["spreadmesh.scanner.feed"] == {
        "batches": 2,
        "rows": len(CONTRACTS) + 2,
        "conflated": 0,
        "gaps": 1,
        "missed": 3,
        "connects": 1,
        "refused": 0,
    }


async def test_what_has_ended_is_not_counted_as_open(
    exported: Exported, market: ScriptedMarket, conversation: Conversation
) -> None:
    await conversation.open()
    await quoted(market)
    await conversation.hear_ranking()
    conversation.call.cancel()
    await market.until(lambda: market.stream.asked == {})
    values = exported.read()
    assert values["spreadmesh.scanner.streams"] == values["spreadmesh.scanner.calls"] == {"": 0}


async def test_the_page_names_what_is_exported(exported: Exported, server: object) -> None:
    named = set(re.findall(r"`(spreadmesh\.scanner\.[a-z_.]+)`", STATUS_PAGE.read_text()))
    assert named == set(exported.read())
