"""What can't be relied on is flagged, through real channels: one row, all rows, a feed that is away."""

from collections.abc import Iterable

import pytest
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, RunScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub

from mesh.errors import unavailable
from scanner_server.streams import pacing
from tests.scanner_server.conversation import EVERYTHING, QUOTES_ONLY, SPEC, TIMEOUT, Conversation, quoted
from tests.scanner_server.scripted_market import CONTRACTS, SHARE, ScriptedMarket

LINGERING = {"line_linger_seconds": 60, **QUOTES_ONLY}
AWAY = unavailable("restarting", 1.0)

pytestmark = pytest.mark.parametrize("changed_settings", [LINGERING])


async def run(scans: ScanServiceStub) -> RunScanResponse:
    return await scans.RunScan(RunScanRequest(spec=SPEC), timeout=TIMEOUT)


def stale_legs(candidates: Iterable[Candidate]) -> set[int]:
    return {leg.con_id for candidate in candidates for leg in candidate.legs if leg.stale}


def legs(candidates: Iterable[Candidate]) -> set[int]:
    return {leg.con_id for candidate in candidates for leg in candidate.legs}


async def first_ranking(conversation: Conversation, market: ScriptedMarket) -> Ranking:
    await conversation.open(credits=20)
    await quoted(market)
    return (await conversation.hear_ranking()).snapshot


async def test_a_flag_alone_is_news_and_marks_every_candidate_with_that_leg(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    before = await first_ranking(conversation, market)
    assert not stale_legs(before.candidates)
    assert (before.basis.contracts_stale, before.basis.underlying_stale) == (0, False)
    away = before.candidates[0].legs[0].con_id
    market.stream.send_quotes([away], stale=[away])
    flagged = (await conversation.hear_ranking()).delta
    assert stale_legs(flagged.changed) == {away}
    assert list(flagged.order) == [candidate.candidate_id for candidate in before.candidates]
    assert {c.candidate_id for c in flagged.changed} == {
        c.candidate_id for c in before.candidates if away in legs([c])
    }
    assert (flagged.basis.contracts_stale, flagged.basis.stale) == (1, False)
    market.stream.send_quotes([away])
    back = (await conversation.hear_ranking()).delta
    assert back.changed
    assert not stale_legs(back.changed)
    assert back.basis.contracts_stale == 0


async def test_a_ranking_is_stale_when_every_contract_is_and_heartbeats_say_so_too(
    conversation: Conversation, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "HEARTBEAT_SECONDS", 0.05)
    await first_ranking(conversation, market)
    everything = list(CONTRACTS)
    market.stream.send_quotes(everything[1:], stale=everything)
    most = (await conversation.hear_ranking()).delta.basis
    assert (most.contracts_stale, most.stale) == (len(everything) - 1, False)
    market.stream.send_quotes([SHARE, everything[0]], stale=[SHARE, everything[0]])
    every = (await conversation.hear_ranking()).delta.basis
    assert (every.contracts_stale, every.stale, every.underlying_stale) == (len(everything), True, True)
    assert (await conversation.hear()).heartbeat.stale


async def test_a_gateway_that_comes_back_is_news_before_any_quote(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await first_ranking(conversation, market)
    market.stream.send_heartbeat(stale=True)
    away = (await conversation.hear_ranking()).delta
    assert away.basis.stale
    assert stale_legs(away.changed)
    market.stream.send_heartbeat(stale=False)
    back = (await conversation.hear_ranking()).delta
    assert not back.basis.stale
    assert back.changed
    assert not stale_legs(back.changed)


async def test_a_share_alone_may_be_stale(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    conversation = Conversation(scans)
    await first_ranking(conversation, market)
    market.stream.send_quotes([SHARE], stale=[SHARE])
    basis = (await conversation.hear_ranking()).delta.basis
    assert (basis.underlying_stale, basis.contracts_stale, basis.stale) == (True, 0, False)
    conversation.call.cancel()


async def test_a_broken_feed_leaves_all_stale_until_it_has_been_sent_again(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    before = await first_ranking(conversation, market)
    market.refusal = AWAY
    market.stream.break_off(AWAY)
    last_known = (await conversation.hear_ranking()).delta
    assert stale_legs(last_known.changed) == legs(before.candidates)
    assert list(last_known.order) == [candidate.candidate_id for candidate in before.candidates]
    assert (last_known.basis.stale, last_known.basis.contracts_stale) == (True, len(CONTRACTS))

    market.refusal = None
    await market.opened(2)
    back = (await conversation.hear_ranking()).delta.basis
    assert (back.stale, back.underlying_stale, back.contracts_stale) == (True, True, len(CONTRACTS))
    await market.until(lambda: len(market.stream.asked) == EVERYTHING)
    market.stream.send_quotes([SHARE, *list(CONTRACTS)[:30]])
    partly = (await conversation.hear_ranking()).delta.basis
    assert (partly.stale, partly.underlying_stale) == (False, False)
    assert partly.contracts_stale == len(CONTRACTS) - 30
    market.stream.send_quotes(list(CONTRACTS)[30:])
    assert (await conversation.hear_ranking()).delta.basis.contracts_stale == 0


@pytest.mark.parametrize("is_refused", [True, False], ids=["no feed", "no gateway behind it"])
async def test_a_single_scan_gets_the_last_known_ranking_marked(
    scans: ScanServiceStub, market: ScriptedMarket, is_refused: bool
) -> None:
    conversation = Conversation(scans)
    await first_ranking(conversation, market)
    fresh = await run(scans)
    conversation.call.cancel()
    assert not stale_legs(fresh.candidates)
    if is_refused:
        market.refusal = AWAY
        market.stream.break_off(AWAY)
    else:
        market.stream.send_heartbeat(stale=True)
    stale = await run(scans)
    while not stale.basis.stale:
        stale = await run(scans)
    assert stale_legs(stale.candidates) == legs(fresh.candidates) == legs(stale.candidates)
    assert stale.basis.contracts_stale == stale.basis.contracts_quoted == len(CONTRACTS)
    assert [c.net_mid for c in stale.candidates] == [c.net_mid for c in fresh.candidates]
