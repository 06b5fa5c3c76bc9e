"""What is done with an order between its first limit and its end."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final

from spreadmesh.order.v1.order_pb2 import Order, OrderSpec

from mesh.errors import MeshError
from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.errors import OutcomeUnknownError
from spreadmesh_client.orders.follower import OrderFollower
from spreadmesh_client.orders.refusals import accepted_preview
from spreadmesh_client.orders.states import is_answered, is_done, is_filled

COMMISSION_SECONDS: Final = 0.5
COMMISSION_LOOKS: Final = 8


class WalkedOrder:
    """One order on its way through its limits."""

    def __init__(
        self,
        orders: OrdersClient,
        follower: OrderFollower,
        spec: OrderSpec,
        settle_seconds: float,
        show: Callable[[Order], None],
    ) -> None:
        self.tried: list[Decimal] = []
        self._orders = orders
        self._follower = follower
        self._spec = spec
        self._settle_seconds = settle_seconds
        self._show = show

    @property
    def order(self) -> Order:
        """As last known; there is one once it is placed."""
        if self._follower.order is None:
            raise RuntimeError("nothing was placed yet")
        return self._follower.order

    async def place(self, limit: Decimal, *, lease_id: str, allow_duplicate: bool) -> None:
        """Preview it at this limit and place it; see `execute` for what is raised."""
        spec = with_limit(self._spec, limit)
        preview = await accepted_preview(self._orders, spec)
        try:
            order = await self._orders.place(
                spec,
                client_order_id=self._follower.client_order_id,
                preview_token=preview.token,
                allow_duplicate=allow_duplicate,
                lease_id=lease_id,
            )
        except OutcomeUnknownError:
            await self._follower.refresh()
            if self._follower.order is None:
                raise
        else:
            self._follower.take(order)
        self._note(limit)

    async def through(self, limits: Sequence[Decimal], seconds_per_step: float) -> str:
        """Each limit for its time; why it ended, unless the order is done."""
        for limit in limits[1:]:
            if await self._follower.until(is_done, seconds_per_step):
                return ""
            if not await self._follower.until(is_answered, self._settle_seconds):
                return "the gateway has not answered"
            try:
                await self._replace(limit)
            except MeshError as error:
                await self._follower.refresh()
                return "" if is_done(self.order) else f"the limit could not be changed: {error.message}"
        await self._follower.until(is_done, seconds_per_step)
        return "the market has not met the last limit"

    async def end(self, reason: str) -> str:
        """Cancel what is not done, and wait for that; why it is not filled."""
        if not is_done(self.order):
            try:
                self._follower.take(await self._orders.cancel(self._follower.client_order_id))
            except MeshError as error:  # filled meanwhile, or nobody answers: the order itself tells
                reason = f"{reason}; cancelling: {error.message}"
            await self._follower.until(is_done, self._settle_seconds)
        self._show(self.order)
        return "" if is_filled(self.order) else self.order.reason or reason

    async def commissions(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait a little for the reports of what was filled."""
        if to_decimal(self.order.filled_quantity) == 0:
            return
        with suppress(MeshError):  # what was filled is known all the same
            for _ in range(COMMISSION_LOOKS):
                trades = await self._orders.executions(self._follower.client_order_id)
                if trades and all(trade.combo or trade.HasField("commission") for trade in trades):
                    break
                await sleep(COMMISSION_SECONDS)
        await self._follower.refresh()

    async def _replace(self, limit: Decimal) -> None:
        if is_done(self.order):
            return
        name, changed = self._follower.client_order_id, with_limit(self._spec, limit)
        preview = await accepted_preview(self._orders, changed, replaces=name)
        order = await self._orders.replace(
            name, self.order.revision + 1, limit_price=limit, preview_token=preview.token
        )
        self._follower.take(order)
        if to_decimal(order.spec.limit_price) == limit:  # or the gateway has refused it, and it works on
            self._note(limit)

    def _note(self, limit: Decimal) -> None:
        self.tried.append(limit)
        self._show(self.order)
