"""Programs that trade, and never give an order up; and readers of everything that happens to orders."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from typing import Final, TypeVar

import grpc
from google.rpc.error_details_pb2 import PreconditionFailure
from spreadmesh.order.v1.order_pb2 import Order, OrderSpec
from spreadmesh.order.v1.watch_pb2 import OrderEvent, OrderSnapshot, ResumePoint
from spreadmesh_client import OrdersClient
from spreadmesh_client.orders.build import legs_order, with_limit
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.names import new_client_order_id
from spreadmesh_client.orders.net_prices import net_prices
from spreadmesh_client.orders.refusals import accepted_preview
from spreadmesh_client.orders.states import DONE
from spreadmesh_client.orders.stream import OrderStream, OrderStreamEvent

from mesh.errors import MeshError

T = TypeVar("T")
INSIST_SECONDS: Final = 60.0
FILLED_SECONDS: Final = 2.0


def is_away(error: MeshError) -> bool:
    """Whether there was no server to answer."""
    return error.code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


def has_just_begun(error: MeshError) -> bool:
    """Whether a server refuses that was restarted: tokens end with it, and its quotes begin anew."""
    found = [detail for detail in error.details if isinstance(detail, PreconditionFailure)]
    limits = {violation.type for detail in found for violation in detail.violations}
    return bool(limits) and limits <= {"NO_PREVIEW", "NO_QUOTE", "QUOTE_AGE"}


class WatchedOrders:
    """A reader of WatchOrders: no event may be missing, come twice or be told as lost."""

    def __init__(self) -> None:
        self.begins_at: ResumePoint
        self.sequences: list[int] = []
        self.orders: dict[str, Order] = {}
        self._changed = asyncio.Event()

    async def follow(self, stream: OrderStream) -> None:
        async with stream as events:
            async for event in events:
                self._take(event)
                if isinstance(event, OrderSnapshot) and stream.point is not None:
                    self.begins_at = ResumePoint(epoch=stream.point.epoch, sequence=event.sequence)

    def _take(self, event: OrderStreamEvent) -> None:
        match event:
            case OrderSnapshot():
                assert not self.sequences, "a second snapshot: events were lost"
                self.sequences.append(event.sequence)
                self.orders |= {order.client_order_id: order for order in event.orders}
            case OrderEvent():
                assert event.previous_sequence == self.sequences[-1] < event.sequence
                self.sequences.append(event.sequence)
                if event.HasField("order"):
                    self.orders[event.order.client_order_id] = event.order
        self._changed.set()

    async def until_done(self, name: str) -> None:
        """Wait until an order is told to be done."""
        while not self.is_done(name):
            self._changed.clear()
            await self._changed.wait()

    def is_done(self, name: str) -> bool:
        """Whether nothing more is expected of an order."""
        return name in self.orders and self.orders[name].state in DONE

    async def told_again(self, orders: OrdersClient) -> list[int]:
        """What the journal tells to who asks for all since the beginning, as far as this reader has come."""
        told = [self.begins_at.sequence]
        async with orders.watch(resume=self.begins_at) as events:
            while told[-1] < self.sequences[-1]:
                event = await anext(events)
                told += [event.sequence] if isinstance(event, OrderEvent) else []
        return told


class Trading:
    """Spreads in turn: one that is filled, then one that rests, is changed and is cancelled."""

    def __init__(self, orders: OrdersClient, watched: WatchedOrders, legs: tuple[int, int]) -> None:
        self._orders = orders
        self._watched = watched
        self._legs = {legs[0]: 1, legs[1]: -1}
        self._is_enough = False
        self._ended = asyncio.Condition()
        self.names: list[str] = []
        """Of the orders that have ended, the last one last."""

    def finish(self) -> None:
        """End with the order under way."""
        self._is_enough = True

    async def run(self) -> None:
        while not self._is_enough:
            rests = len(self.names) % 2 == 1
            spec = await self.spec(rests=rests)
            name = new_client_order_id()
            await self.place(name, spec)
            if rests:
                await self._change(name, spec)
                await self._cancel(name)
            await self.end(name)

    async def end(self, name: str) -> None:
        """Wait until an order is told to be done, and note it; one that the market has left is cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FILLED_SECONDS):
                await self._watched.until_done(name)
        if not self._watched.is_done(name):
            await self._cancel(name)
            await self._watched.until_done(name)
        async with self._ended:
            self.names.append(name)
            self._ended.notify_all()

    async def until_ended(self, more: int) -> None:
        """Wait until so many more orders have ended."""
        wanted = len(self.names) + more
        async with self._ended:
            await self._ended.wait_for(lambda: len(self.names) >= wanted)

    async def spec(self, *, rests: bool) -> OrderSpec:
        """A spread at a limit that is met at once, or at one that is not."""
        unpriced = legs_order(self._legs, 1, None)
        prices = await insist(lambda: net_prices(self._orders, unpriced))
        natural, mid, tick = (to_decimal(price) for price in (prices.natural, prices.mid, prices.tick))
        limit = (mid * Decimal("0.95")).quantize(tick) if rests else natural
        return with_limit(unpriced, limit)

    async def token(self, spec: OrderSpec) -> str:
        """Of a preview; good for any number of orders that are like it."""
        return (await insist(lambda: accepted_preview(self._orders, spec))).token

    async def place(self, name: str, spec: OrderSpec, token: str = "") -> Order:
        """Place an order, under its name whatever happens; tokens end with their server."""

        async def place() -> Order:
            nonlocal token
            token = token or await self.token(spec)
            given, token = token, ""
            return await self._orders.place(
                spec, client_order_id=name, preview_token=given, allow_duplicate=True
            )

        return await insist(place)

    async def _cancel(self, name: str) -> None:
        await self._unless_done(name, lambda: self._orders.cancel(name))

    async def _change(self, name: str, spec: OrderSpec) -> None:
        lower = to_decimal(spec.limit_price) - Decimal("0.01")
        changed = with_limit(spec, lower)

        async def change() -> Order:
            preview = await accepted_preview(self._orders, changed, replaces=name)
            return await self._orders.replace(name, 1, limit_price=lower, preview_token=preview.token)

        await self._unless_done(name, change)

    async def _unless_done(self, name: str, call: Callable[[], Awaitable[object]]) -> None:
        """An order that is done, as what was written to a gateway that ended is absent, is left alone."""
        try:
            await insist(call)
        except MeshError as error:
            order = await insist(lambda: self._orders.get(name))
            if error.code is not grpc.StatusCode.FAILED_PRECONDITION or order.state not in DONE:
                raise


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """The very same again while the server is away or has just begun; no attempt fails at once."""
    until = time.monotonic() + INSIST_SECONDS
    while True:
        try:
            return await call()
        except MeshError as error:
            if time.monotonic() > until or not (is_away(error) or has_just_begun(error)):
                raise
