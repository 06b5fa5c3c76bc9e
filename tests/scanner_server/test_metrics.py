"""The scanner's figures of docs/metrics.md, as Prometheus gets them from a server that has done something."""

from collections.abc import Callable

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from tests.exposed import Values, exposed
from tests.scanner_server.conversation import Conversation, quoted
from tests.scanner_server.scripted_market import CONTRACTS, SHARE, ScriptedMarket


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Values]:
    """Ask for it before the server: instruments are registered when that starts."""
    reader = InMemoryMetricReader()
    monkeypatch.setattr(metrics, "get_meter", MeterProvider([reader]).get_meter)
    return lambda: exposed(reader)


@pytest.mark.parametrize("changed_settings", [{"surface_interval": 60.0}])
async def test_values_are_those_of_the_scanner(
    read: Callable[[], Values], market: ScriptedMarket, conversation: Conversation
) -> None:
    await conversation.open(credits=2)
    await quoted(market)
    await conversation.hear_ranking()
    market.stream.send_quotes([SHARE], spot=101.0, sequence=5)
    seconds = (await conversation.hear_ranking()).delta.basis.scan_seconds
    values = read()
    assert values["spreadmesh_scanner_scan_duration_seconds_count"] == {"": 2}
    assert values["spreadmesh_scanner_scan_duration_seconds_sum"][""] >= seconds > 0
    assert values["spreadmesh_scanner_scan_wait_seconds_count"] == {"": 1}
    assert values["spreadmesh_scanner_ranking_age_seconds_count"] == {"": 2}
    assert values["spreadmesh_scanner_places_in_use"] == {"": 1}
    assert values["spreadmesh_scanner_places_waiting"] == {"": 0}
    assert values["spreadmesh_scanner_underlyings"] == {"": 1}
    assert values["spreadmesh_scanner_feed_up"] == {"": 1}
    assert 0 <= values["spreadmesh_scanner_feed_silence_seconds"][""] < 20
    feed = {
        "connections": 1,
        "batches": 2,
        "rows": len(CONTRACTS) + 2,
        "conflated_updates": 0,
        "gaps": 1,
        "missed_batches": 3,
        "refused_contracts": 0,
    }
    for name, count in feed.items():
        assert values[f"spreadmesh_scanner_feed_{name}_total"] == {"": count}, name


async def test_what_has_ended_is_not_counted_as_open(
    read: Callable[[], Values], market: ScriptedMarket, conversation: Conversation
) -> None:
    await conversation.open()
    await quoted(market)
    await conversation.hear_ranking()
    conversation.call.cancel()
    await market.until(lambda: market.stream.asked == {})
    assert read()["spreadmesh_scanner_places_in_use"] == {"": 0}
