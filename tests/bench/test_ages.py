"""How ages and latencies are counted, on messages whose times are known."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg

from bench import staleness_credit1
from bench.ranked_mesh import Latencies
from bench.result import younger
from bench.stages import stages
from bench.tick_to_quote import news
from bench.tick_to_ranked_100k import outcome
from bench.ticks import now_us


def ranking(*made: tuple[int, float]) -> list[Candidate]:
    """One spread with a leg of each contract, its tick made then."""
    return [Candidate(legs=[Leg(con_id=con_id, bid_size=us) for con_id, us in made])]


def test_a_tick_counts_once_at_the_first_ranking_that_shows_it() -> None:
    latencies = Latencies()
    latencies.take(ranking((1, 1_000), (2, 1_000)), 9_000)
    assert latencies.found == []  # how long they have been listed is not known
    latencies.take(ranking((1, 8_000), (2, 1_000)), 10_000)
    latencies.take(ranking((1, 8_000), (2, 1_000)), 20_000)
    assert latencies.found == [2.0]
    latencies.take(ranking((1, 21_000), (2, 19_000)), 24_000)
    assert latencies.found == [2.0, 3.0, 5.0]
    assert latencies.rankings == 4


def test_the_news_of_a_batch_are_ticks_made_since_the_last() -> None:
    made: dict[int, float] = {}
    assert news([(1, 1_000), (2, 1_000)], made, 9_000) == []
    assert news([(1, 8_000), (2, 1_000)], made, 10_000) == [2.0]
    assert news([(1, 8_000), (2, 19_000)], made, 24_000) == [5.0]
    assert made == {1: 8_000, 2: 19_000}


async def test_a_message_is_as_old_as_its_oldest_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness_credit1, "PAUSE_SECONDS", 0)

    async def batches() -> AsyncGenerator[QuoteBatch]:
        yield QuoteBatch(quote_time_us=[now_us() - 50_000, now_us()])
        yield QuoteBatch(quote_time_us=[now_us()])

    first, second = await staleness_credit1.ages(batches(), 60)
    assert first >= 50
    assert second < 50


def span(name: str, start: int, end: int, trace: str = "1") -> str:
    ids = {"traceId": trace, "spanId": name, "parentSpanId": ""}
    times = {"startTimeUnixNano": start * 1_000_000, "endTimeUnixNano": end * 1_000_000}
    rest = {
        "service": "s",
        "name": name,
        "kind": "INTERNAL",
        "status": "UNSET",
        "attributes": {},
        "links": [],
    }
    return json.dumps(ids | times | rest) + "\n"


def test_stages_are_the_spans_of_a_batch_and_the_gaps_between_them(tmp_path: Path) -> None:
    sent = span("quotes.send", 10, 11) + span("quotes.send", 50, 53, trace="2")
    (tmp_path / "ibkr_server.jsonl").write_text(sent)
    (tmp_path / "scanner_server.jsonl").write_text(span("quotes.ingest", 14, 16) + span("scan.rank", 20, 25))
    assert {name: middle for name, (middle, _) in stages(tmp_path).items()} == {
        "quotes.send": 2.0,
        "quotes.send to quotes.ingest": 3.0,
        "quotes.ingest": 2.0,
        "quotes.ingest to scan.rank": 4.0,
        "scan.rank": 5.0,
    }
    assert stages(tmp_path)["quotes.send"][1] == pytest.approx(2.98)


def test_younger_is_better() -> None:
    assert younger("age", 5.0, 10_000.0, goal=1000).ratio == 2000
    assert younger("age", 5.0, 10_000.0, goal=1000).met
    assert not younger("age", 50.0, 10_000.0, goal=1000).met


@pytest.mark.parametrize(
    ("sent", "found", "held"),
    [
        (100_000, [2.0] * 30 + [9.0], True),
        (94_000, [2.0] * 30, False),
        (100_000, [2.0] * 10 + [3.0] * 10 + [3.5] * 10, False),
        (100_000, [], False),
    ],
)
def test_a_rate_is_held_where_all_is_sent_and_the_delay_does_not_grow(
    sent: float, found: list[float], held: bool
) -> None:
    step = outcome(100_000, sent, found, {"simulator": 0.4, "scanner": 0.9})
    assert step.held is held
    assert step.busiest == "scanner"
