"""A stream that broke goes on where it was, or says that it cannot, through real channels."""

from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from spreadmesh.scan.v1.scan_service_pb2 import ChangeScan, StreamScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client.ranking import RankingState

from mesh.errors import MeshError, from_rpc_error
from tests.scanner_server.conversation import QUOTES_ONLY, SPEC, Conversation, quoted
from tests.scanner_server.scripted_market import SHARE, ScriptedMarket

OTHER = ScanSpec(underlying="ACME", strategies=["iron_condor"], limit=2)

pytestmark = pytest.mark.parametrize("changed_settings", [{"line_linger_seconds": 60, **QUOTES_ONLY}])


def point(response: StreamScanResponse) -> dict[str, int]:
    return {"resume_epoch": response.epoch, "resume_sequence": response.sequence}


async def broken(conversation: Conversation, market: ScriptedMarket) -> StreamScanResponse:
    """The first ranking of a stream that breaks after it."""
    await conversation.open(credits=1)
    await quoted(market)
    first = await conversation.hear_ranking()
    conversation.call.cancel()
    return first


async def refusal(scans: ScanServiceStub, spec: ScanSpec = SPEC, **fields: Any) -> tuple[MeshError, str]:
    conversation = Conversation(scans)
    await conversation.open(spec, **fields)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await conversation.hear()
    error = from_rpc_error(raised.value)
    return error, next((detail.reason for detail in error.details if isinstance(detail, ErrorInfo)), "")


async def test_goes_on_with_a_delta_in_the_same_epoch(
    conversation: Conversation, scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    first = await broken(conversation, market)
    state = RankingState()
    state.apply(first)
    ticked = first.snapshot.candidates[0].legs[0].con_id
    market.stream.send_quotes([ticked], spot=100.001)
    await market.until(lambda: market.stream.granted == 2)
    again = Conversation(scans)
    await again.open(credits=2, **point(first))
    second = await again.hear_ranking()
    assert (second.epoch, second.sequence, second.delta.previous_sequence) == (first.epoch, 2, 1)
    assert not second.delta.HasField("surface")
    assert {ticked} <= {leg.con_id for candidate in second.delta.changed for leg in candidate.legs}
    market.stream.send_quotes([SHARE], spot=101.0)
    third = await again.hear_ranking()
    updates = [state.apply(response) for response in (second, third)]
    assert [(update.epoch, update.sequence) for update in updates] == [(first.epoch, 2), (first.epoch, 3)]

    fresh = Conversation(scans)
    await fresh.open()
    whole = (await fresh.hear_ranking()).snapshot
    spreads = [[leg.con_id for leg in candidate.legs] for candidate in whole.candidates]
    received = [[leg.con_id for leg in candidate.legs] for candidate in updates[1].ranking.candidates]
    assert received == spreads
    again.call.cancel()
    fresh.call.cancel()


async def test_takes_over_from_a_call_that_is_still_open(
    conversation: Conversation, scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    await conversation.open(credits=1)
    await quoted(market)
    first = await conversation.hear_ranking()
    again = Conversation(scans)
    await again.open(**point(first))
    assert (await again.hear_ranking()).sequence == 2
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await conversation.hear()
    assert raised.value.code() is grpc.StatusCode.OUT_OF_RANGE
    again.call.cancel()


async def test_another_spec_after_the_resumption_is_answered_by_a_snapshot(
    conversation: Conversation, scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    first = await broken(conversation, market)
    again = Conversation(scans)
    await again.open(credits=2, **point(first))
    assert (await again.hear_ranking()).WhichOneof("message") == "delta"
    await again.say(change=ChangeScan(spec=OTHER))
    third = await again.hear_ranking()
    assert (third.WhichOneof("message"), third.epoch, third.sequence) == ("snapshot", first.epoch, 3)
    again.call.cancel()


@pytest.mark.parametrize(
    ("changed", "spec", "reason"),
    [
        ({"resume_epoch": 12345}, SPEC, "RESUME_EPOCH"),
        ({"resume_sequence": 2}, SPEC, "RESUME_SEQUENCE"),
        ({}, OTHER, "RESUME_SPEC"),
    ],
)
async def test_what_cannot_be_gone_on_with_is_out_of_range(
    conversation: Conversation,
    scans: ScanServiceStub,
    market: ScriptedMarket,
    changed: dict[str, int],
    spec: ScanSpec,
    reason: str,
) -> None:
    first = await broken(conversation, market)
    error, told = await refusal(scans, spec, **(point(first) | changed))
    assert (error.code, told) == (grpc.StatusCode.OUT_OF_RANGE, reason)
    again = Conversation(scans)
    await again.open(spec)
    snapshot = await again.hear_ranking()
    assert (snapshot.WhichOneof("message"), snapshot.sequence) == ("snapshot", 1)
    assert snapshot.epoch != first.epoch
    again.call.cancel()


async def test_a_message_that_got_lost_makes_the_sequence_an_old_one(
    conversation: Conversation, scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    await conversation.open(credits=2)
    await quoted(market)
    first = await conversation.hear_ranking()
    market.stream.send_quotes([SHARE], spot=101.0)
    await conversation.hear_ranking()
    conversation.call.cancel()
    error, told = await refusal(scans, **point(first))
    assert (error.code, told) == (grpc.StatusCode.OUT_OF_RANGE, "RESUME_SEQUENCE")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"resume_epoch": 1}, "open.resume_sequence"),
        ({"resume_sequence": 1}, "open.resume_epoch"),
        ({"resume_epoch": 1, "resume_sequence": 0}, "open.resume_sequence"),
    ],
)
async def test_half_a_point_is_no_point(scans: ScanServiceStub, fields: dict[str, int], field: str) -> None:
    error, _ = await refusal(scans, **fields)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.message.startswith(field)
