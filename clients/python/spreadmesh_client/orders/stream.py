"""All that happens to orders, in order and without a hole that is not told."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.order.v1.watch_pb2 import (
    OrderEvent,
    OrderSnapshot,
    ResumePoint,
    WatchOrdersRequest,
    WatchOrdersResponse,
)

from mesh.errors import MeshError
from spreadmesh_client.streams import ReopeningStream, Stream, StreamLimits

if TYPE_CHECKING:
    from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceAsyncStub


@dataclass(frozen=True)
class Gap:
    """Events are missing: what follows is a snapshot, and their trades are in `OrdersClient.executions`."""

    sequence: int
    """The last event that was seen."""
    reason: str


OrderStreamEvent: TypeAlias = OrderSnapshot | OrderEvent | Gap | Heartbeat


class OrderStream(Stream):
    """Snapshots, events, gaps and heartbeats.

    A break is told at once, by a heartbeat that says stale; then the stream goes on behind the last event.
    Where that is not possible, and where an event does not follow the last one, a Gap says so and a snapshot
    follows. An event seen before is left out.
    """

    def __init__(
        self, stub: "OrderServiceAsyncStub", resume: ResumePoint | None, limits: StreamLimits
    ) -> None:
        self.point = resume
        """Where a stream goes on behind what this one has told; None before the first message."""
        self._heard = False
        self._stream: ReopeningStream[object, WatchOrdersResponse] = ReopeningStream(
            lambda _requests, timeout: stub.WatchOrders(
                WatchOrdersRequest(resume=self.point), timeout=timeout
            ),
            tuple,
            limits,
        )

    def __repr__(self) -> str:
        return f"<OrderStream at {self.point} calls={self.calls}>"

    async def __anext__(self) -> OrderStreamEvent:
        while True:
            try:
                response = await self._stream.read()
            except MeshError as error:
                return self._after(error)
            if response is None:
                return self._stream.loss
            self._heard = True
            event = self._take(response)
            if event is not None:
                return event

    def _after(self, error: MeshError) -> OrderStreamEvent:
        if error.code is grpc.StatusCode.OUT_OF_RANGE and self.point is not None:
            self._stream.renew()
            return self._gap(error.message)
        if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and self._heard:  # was too slow: nothing is lost
            self._heard = False
            return self._stream.loss
        raise error

    def _take(self, response: WatchOrdersResponse) -> OrderStreamEvent | None:
        kind = response.WhichOneof("message")
        if kind == "snapshot":
            self.point = ResumePoint(epoch=response.epoch, sequence=response.snapshot.sequence)
            return response.snapshot
        hole = self._hole(response)
        if hole:
            self._stream.drop()
            return self._gap(hole)
        if kind == "heartbeat":
            return response.heartbeat
        if kind != "event" or self.point is None or response.event.sequence <= self.point.sequence:
            return None
        self.point.sequence = response.event.sequence
        return response.event

    def _hole(self, response: WatchOrdersResponse) -> str:
        """Why `response` does not follow; empty where it does."""
        if self.point is None:
            return "it began without a snapshot"
        if response.epoch != self.point.epoch:
            return f"journal {response.epoch} after {self.point.epoch}"
        event, last = response.event, self.point.sequence
        if response.HasField("event") and event.sequence > last and event.previous_sequence != last:
            return f"event {event.sequence} follows {event.previous_sequence}, not {last}"
        return ""

    def _gap(self, reason: str) -> Gap:
        sequence = 0 if self.point is None else self.point.sequence
        self.point = None
        return Gap(sequence, reason)
