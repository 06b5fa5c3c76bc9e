"""StreamScan and WatchScan through a real channel: order, credits, conflation, changes, ends."""

import asyncio

import grpc
import pytest
from spreadmesh.scan.v1.scan_service_pb2 import ChangeScan, WatchScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client.ranking import RankingState

from mesh.errors import MeshError, from_rpc_error
from mesh.server import RunningServer
from scanner_server.streams import pacing
from scanner_server.translation.times import seconds_of
from tests.scanner_server.conversation import QUOTES_ONLY, SPEC, TIMEOUT, Conversation, quoted
from tests.scanner_server.scripted_market import SHARE, ScriptedMarket


async def end_of(conversation: Conversation) -> MeshError:
    """Read until the stream fails."""
    while True:
        try:
            await conversation.hear()
        except grpc.aio.AioRpcError as error:
            return from_rpc_error(error)


async def test_a_snapshot_then_deltas_in_order(conversation: Conversation, market: ScriptedMarket) -> None:
    await conversation.open(credits=3)
    await quoted(market)
    responses = [await conversation.hear() for _ in range(3)]
    assert [response.WhichOneof("message") for response in responses] == ["snapshot", "delta", "delta"]
    assert [response.sequence for response in responses] == [1, 2, 3]
    assert [response.delta.previous_sequence for response in responses] == [0, 1, 2]
    assert len({response.epoch for response in responses}) == 1
    assert [c.candidate_id for c in responses[0].snapshot.candidates] == [1, 2, 3, 4, 5]
    state = RankingState()
    updates = [state.apply(response) for response in responses]
    assert all(update is not None and len(update.ranking.candidates) == 5 for update in updates)


@pytest.mark.parametrize("changed_settings", [QUOTES_ONLY])
async def test_without_credits_the_latest_quotes_wait_in_the_book(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await conversation.open(credits=1)
    await quoted(market)
    first = await conversation.hear()
    for spot in (101.0, 102.0, 103.0):
        granted = market.stream.granted
        await quoted(market, spot=spot)
        await market.until(lambda granted=granted: market.stream.granted > granted)
    await conversation.grant()
    second = await conversation.hear()
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.delta.surface.spot == pytest.approx(103.0)


@pytest.mark.parametrize("changed_settings", [QUOTES_ONLY])
async def test_a_tick_between_surfaces_changes_only_its_own_spreads(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await conversation.open(credits=2)
    await quoted(market)
    first = (await conversation.hear()).snapshot
    ticked = first.candidates[0].legs[0].con_id
    market.stream.send_quotes([ticked], spot=100.001)
    second = (await conversation.hear()).delta
    assert not second.HasField("surface")
    assert second.changed
    for candidate in second.changed:
        assert ticked in {leg.con_id for leg in candidate.legs}


async def test_smiles_come_where_they_are_asked_for(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    lengths = []
    for wanted in (False, True):
        conversation = Conversation(scans)
        await conversation.open(include_smiles=wanted)
        await quoted(market)
        snapshot = (await conversation.hear()).snapshot
        lengths.append(len(snapshot.surface.expirations[0].smile_x))
        conversation.call.cancel()
    assert lengths[0] == 0
    assert lengths[1] > 5


@pytest.mark.parametrize("changed_settings", [QUOTES_ONLY])
async def test_another_spec_is_answered_by_a_snapshot(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await conversation.open(credits=2, min_interval_seconds=60)
    await quoted(market)
    first = await conversation.hear()
    spec = ScanSpec(underlying="ACME", strategies=["iron_condor"], limit=2)
    await conversation.say(change=ChangeScan(spec=spec))
    second = await conversation.hear()
    assert (first.sequence, second.sequence, first.epoch) == (1, 2, second.epoch)
    assert second.WhichOneof("message") == "snapshot"
    assert {candidate.strategy for candidate in second.snapshot.candidates} == {"iron_condor"}


@pytest.mark.parametrize("changed_settings", [QUOTES_ONLY])
async def test_heartbeats_tell_that_the_feed_is_away(
    conversation: Conversation, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "HEARTBEAT_SECONDS", 0.05)
    await conversation.open(credits=2)
    await quoted(market)
    first = await conversation.hear()
    while first.WhichOneof("message") == "heartbeat":
        assert (first.sequence, first.heartbeat.stale) == (0, False)
        first = await conversation.hear()
    market.stream.send_heartbeat(stale=True)
    while (response := await conversation.hear()).WhichOneof("message") == "heartbeat":
        assert not response.heartbeat.stale
    assert response.delta.basis.stale
    assert list(response.delta.order) == [1, 2, 3, 4, 5]
    assert (await conversation.hear()).heartbeat.stale
    assert (await conversation.hear()).sequence == 2


async def test_ends_well_when_the_caller_has_no_more_to_say(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await conversation.open(credits=2)
    await conversation.call.done_writing()
    await quoted(market)
    assert [(await conversation.hear()).sequence for _ in range(2)] == [1, 2]
    assert await conversation.call.read() is grpc.aio.EOF
    assert await conversation.call.code() is grpc.StatusCode.OK


async def test_a_cancelled_stream_gives_its_contracts_back(
    conversation: Conversation, market: ScriptedMarket
) -> None:
    await conversation.open()
    await quoted(market)
    await conversation.hear()
    conversation.call.cancel()
    await market.until(lambda: market.stream.asked == {})


async def test_equal_streams_share_their_rankings(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    conversations = [Conversation(scans) for _ in range(4)]
    for conversation in conversations:
        await conversation.open()
    await quoted(market)
    snapshots = [(await conversation.hear()).snapshot for conversation in conversations]
    times = {snapshot.basis.scan_seconds for snapshot in snapshots if snapshot.surface.number == 1}
    assert len(times) <= 1
    for conversation in conversations:
        conversation.call.cancel()


@pytest.mark.parametrize("changed_settings", [{"drain_seconds": 0.0}])
async def test_a_drain_ends_streams_with_a_reason(
    conversation: Conversation, market: ScriptedMarket, server: RunningServer
) -> None:
    await conversation.open()
    await quoted(market)
    await conversation.hear()
    stopping = asyncio.create_task(server.stop())
    error = await end_of(conversation)
    assert error.code is grpc.StatusCode.UNAVAILABLE
    assert error.retry_after_seconds is not None
    await asyncio.wait_for(stopping, TIMEOUT)


async def test_a_watch_gets_whole_rankings(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    call = scans.WatchScan(WatchScanRequest(spec=SPEC, min_interval_seconds=0), timeout=TIMEOUT)
    await quoted(market)
    rankings = [(await call.read()).ranking for _ in range(3)]
    numbers = [ranking.surface.number for ranking in rankings]
    assert numbers == sorted(numbers)
    assert all(len(ranking.candidates) == 5 for ranking in rankings)
    assert all(not ranking.surface.expirations[0].smile_x for ranking in rankings)
    assert seconds_of(rankings[0].market_time) <= seconds_of(rankings[2].market_time)
    call.cancel()
    await market.until(lambda: SHARE not in market.stream.asked)
