"""The stream of orders over breaks, gaps and old points."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.order.v1.order_pb2 import Order
from spreadmesh.order.v1.watch_pb2 import OrderEvent, OrderSnapshot, ResumePoint, WatchOrdersResponse
from spreadmesh_client.orders import Gap
from spreadmesh_client.streams import StreamLimits

from mesh.errors import MeshError, quota_exceeded, stale_resume
from tests.clients.orders.desk import EPOCH, refuse

QUICK = StreamLimits(silence_seconds=5, patience_seconds=5)
Script = Callable[[Any], Awaitable[None]]


class Watched:
    """Each call of WatchOrders runs the next script."""

    def __init__(self, *scripts: Script) -> None:
        self.resumes: list[tuple[str, int] | None] = []
        self._scripts = iter(scripts)

    async def WatchOrders(self, request: Any, context: Any) -> None:  # noqa: N802 - named by the contract
        has = request.HasField("resume")
        self.resumes.append((request.resume.epoch, request.resume.sequence) if has else None)
        await next(self._scripts)(context)


def tell(*messages: WatchOrdersResponse, then: MeshError | grpc.StatusCode | None = None) -> Script:
    async def script(context: Any) -> None:
        for message in messages:
            await context.write(message)
        if isinstance(then, MeshError):
            await refuse(context, then)
        await context.abort(then or grpc.StatusCode.UNAVAILABLE, "broken")

    return script


def snapshot(sequence: int, epoch: str = EPOCH) -> WatchOrdersResponse:
    return WatchOrdersResponse(epoch=epoch, snapshot=OrderSnapshot(sequence=sequence))


def event(sequence: int, previous: int, epoch: str = EPOCH) -> WatchOrdersResponse:
    order = Order(client_order_id=f"c{sequence}")
    told = OrderEvent(sequence=sequence, previous_sequence=previous, order=order)
    return WatchOrdersResponse(epoch=epoch, event=told)


def brief(told: object) -> str:
    match told:
        case OrderSnapshot():
            return f"snapshot {told.sequence}"
        case OrderEvent():
            return f"event {told.sequence}"
        case Gap():
            return f"gap after {told.sequence}"
        case Heartbeat(stale=True):
            return "break"
        case _:
            return "heartbeat"


async def heard(trading: Any, watched: Watched, count: int, resume: ResumePoint | None = None) -> list[str]:
    async with trading(watched) as orders, orders.watch(resume=resume, limits=QUICK) as events:
        return [brief(await anext(events)) for _ in range(count)]


async def test_it_goes_on_behind_the_last_event(trading: Any) -> None:
    watched = Watched(tell(snapshot(3), event(5, 3)), tell(event(6, 5), event(9, 6)))
    assert await heard(trading, watched, 5) == ["snapshot 3", "event 5", "break", "event 6", "event 9"]
    assert watched.resumes == [None, (EPOCH, 5)]


async def test_a_hole_is_told_and_a_snapshot_follows(trading: Any) -> None:
    watched = Watched(tell(snapshot(3), event(8, 7)), tell(snapshot(8)))
    assert await heard(trading, watched, 3) == ["snapshot 3", "gap after 3", "snapshot 8"]
    assert watched.resumes == [None, None]


async def test_another_journal_is_a_gap(trading: Any) -> None:
    other = tell(snapshot(3), event(4, 3, "journal-2"))
    assert await heard(trading, Watched(other, tell(snapshot(1, "journal-2"))), 3) == [
        "snapshot 3",
        "gap after 3",
        "snapshot 1",
    ]


async def test_a_point_that_is_too_old_is_a_gap_and_a_snapshot_follows(trading: Any) -> None:
    watched = Watched(tell(then=stale_resume("EPOCH_CHANGED", "another journal")), tell(snapshot(8)))
    old = ResumePoint(epoch=EPOCH, sequence=2)
    assert await heard(trading, watched, 2, old) == ["gap after 2", "snapshot 8"]
    assert watched.resumes == [(EPOCH, 2), None]


async def test_an_event_that_was_seen_is_left_out(trading: Any) -> None:
    watched = Watched(tell(snapshot(3), event(5, 3)), tell(event(5, 3), event(6, 5)))
    assert await heard(trading, watched, 4) == ["snapshot 3", "event 5", "break", "event 6"]


@pytest.mark.parametrize(
    "end",
    [grpc.StatusCode.RESOURCE_EXHAUSTED, quota_exceeded("stream", "too slow", 0.1)],
    ids=["bare", "timed"],
)
async def test_a_reader_that_was_too_slow_goes_on_where_it_was(trading: Any, end: Any) -> None:
    watched = Watched(tell(snapshot(3), then=end), tell(event(4, 3)))
    assert await heard(trading, watched, 3) == ["snapshot 3", "break", "event 4"]
    assert watched.resumes == [None, (EPOCH, 3)]


async def test_a_stream_that_is_refused_from_the_beginning_raises(trading: Any) -> None:
    with pytest.raises(MeshError) as caught:
        await heard(trading, Watched(tell(then=grpc.StatusCode.PERMISSION_DENIED)), 1)
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(MeshError) as caught:
        await heard(trading, Watched(tell(then=grpc.StatusCode.RESOURCE_EXHAUSTED)), 1)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
