"""One order, as newly as anything has told of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from spreadmesh.order.v1.order_pb2 import Order
from spreadmesh.order.v1.watch_pb2 import OrderEvent, OrderSnapshot

from mesh.errors import MeshError
from spreadmesh_client.orders.client import OrdersClient


class OrderFollower:
    """Follows an order from before it is placed, for `async with`.

    Answers to calls and events of the stream arrive in any order: what has the higher sequence counts. A
    stream that fails is done without: every wait that ends in vain asks for the order.
    """

    def __init__(
        self, orders: OrdersClient, client_order_id: str, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self.client_order_id = client_order_id
        self.order: Order | None = None
        """None until something has told of it."""
        self._orders = orders
        self._sleep = sleep
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<OrderFollower {self.client_order_id}>"

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def take(self, order: Order) -> None:
        """What something has told of it."""
        if order.client_order_id != self.client_order_id:
            return
        if self.order is None or order.sequence >= self.order.sequence:
            self.order = order
            self._changed.set()

    async def refresh(self) -> None:
        """Ask for it; where no answer comes, what is known stays."""
        with suppress(MeshError):
            self.take(await self._orders.get(self.client_order_id))

    async def until(self, condition: Callable[[Order], bool], seconds: float) -> bool:
        """Wait until it meets a condition, and ask for it once where that takes longer than `seconds`."""
        timer = asyncio.ensure_future(self._sleep(seconds))
        try:
            while not timer.done() and not self._meets(condition):
                self._changed.clear()
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait([timer, changed], return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
        finally:
            timer.cancel()
        if not self._meets(condition):
            await self.refresh()
        return self._meets(condition)

    def _meets(self, condition: Callable[[Order], bool]) -> bool:
        return self.order is not None and condition(self.order)

    async def _read(self) -> None:
        with suppress(MeshError):
            async with self._orders.watch() as events:
                async for event in events:
                    if isinstance(event, OrderSnapshot):
                        for order in event.orders:
                            self.take(order)
                    elif isinstance(event, OrderEvent) and event.HasField("order"):
                        self.take(event.order)
