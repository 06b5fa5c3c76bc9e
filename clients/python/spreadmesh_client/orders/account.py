"""Positions and account values as they change."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.order.v1.account_pb2 import (
    Account,
    Position,
    PositionSnapshot,
    WatchAccountRequest,
    WatchPositionsRequest,
)

from spreadmesh_client.streams import ReopeningStream, StreamLimits

if TYPE_CHECKING:
    from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceAsyncStub

Response = TypeVar("Response")


class PositionBook:
    """Positions out of a stream of snapshots and changes."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, int], Position] = {}
        self._reconciled = False

    def __repr__(self) -> str:
        return f"<PositionBook {len(self._positions)}>"

    def replace(self, snapshot: PositionSnapshot) -> PositionSnapshot:
        """All of them anew."""
        self._positions = {_key(position): position for position in snapshot.positions}
        self._reconciled = snapshot.reconciled
        return self.whole()

    def change(self, position: Position) -> PositionSnapshot:
        """One of them as it is now; with quantity 0 it is gone."""
        if float(position.quantity.value) == 0:
            self._positions.pop(_key(position), None)
        else:
            self._positions[_key(position)] = position
        return self.whole()

    def whole(self) -> PositionSnapshot:
        """All of them, by account, symbol, expiration, strike and right."""
        ordered = sorted(
            self._positions.values(), key=lambda p: (p.account, p.symbol, p.expiration, p.strike, p.right)
        )
        return PositionSnapshot(positions=ordered, reconciled=self._reconciled)


def _key(position: Position) -> tuple[str, int]:
    return position.account, position.con_id


async def watch_positions(
    stub: "OrderServiceAsyncStub", min_interval_seconds: float | None, limits: StreamLimits
) -> AsyncGenerator[PositionSnapshot | Heartbeat, None]:
    """Whole lists of positions, and heartbeats."""
    request = WatchPositionsRequest(min_interval_seconds=min_interval_seconds)
    book = PositionBook()
    responses = _responses(lambda timeout: stub.WatchPositions(request, timeout=timeout), limits)
    async with aclosing(responses):
        async for response in responses:
            if isinstance(response, Heartbeat):
                yield response
            elif response.HasField("snapshot"):
                yield book.replace(response.snapshot)
            elif response.HasField("changed"):
                yield book.change(response.changed)
            elif response.HasField("heartbeat"):
                yield response.heartbeat


async def watch_account(
    stub: "OrderServiceAsyncStub", account: str, min_interval_seconds: float | None, limits: StreamLimits
) -> AsyncGenerator[Account | Heartbeat, None]:
    """The account each time, and heartbeats."""
    request = WatchAccountRequest(account=account, min_interval_seconds=min_interval_seconds)
    responses = _responses(lambda timeout: stub.WatchAccount(request, timeout=timeout), limits)
    async with aclosing(responses):
        async for response in responses:
            if isinstance(response, Heartbeat):
                yield response
            elif response.HasField("account"):
                yield response.account
            elif response.HasField("heartbeat"):
                yield response.heartbeat


async def _responses(start: Callable[[float | None], Any], limits: StreamLimits) -> AsyncGenerator[Any, None]:
    """Each message, over as many calls as it takes; a heartbeat that says stale at a break."""
    stream: ReopeningStream[object, Any] = ReopeningStream(
        lambda _requests, timeout: start(timeout), tuple, limits
    )
    try:
        while True:
            response = await stream.read()
            yield stream.loss if response is None else response
    finally:
        stream.drop()
