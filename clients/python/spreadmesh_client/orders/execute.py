"""A spread from its ranking to its fill: placed at mid, walked towards natural, filled or cancelled."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from spreadmesh.order.v1.order_pb2 import Order, OrderSpec, OrderState
from spreadmesh.scan.v1.candidate_pb2 import Candidate

from mesh.errors import MeshError
from spreadmesh_client.orders.build import spread_order
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.follower import OrderFollower
from spreadmesh_client.orders.names import new_client_order_id
from spreadmesh_client.orders.net_prices import net_prices
from spreadmesh_client.orders.refusals import refusal
from spreadmesh_client.orders.states import DONE
from spreadmesh_client.orders.walk import WalkPolicy, walk_limits
from spreadmesh_client.orders.walked_order import WalkedOrder

USUAL_POLICY: Final = WalkPolicy()
SETTLE_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Outcome:
    """How it went."""

    order: Order
    """As last known."""
    limits: tuple[Decimal, ...]
    """Those that it had, in order."""
    reason: str
    """Why it ended unfilled; empty where it was filled."""
    seconds: float
    """From placing to the end."""

    @property
    def state(self) -> OrderState.ValueType:
        """Where the order stands. Unless `is_definite`, it may still change."""
        return self.order.state

    @property
    def is_definite(self) -> bool:
        """Nothing more is expected of the order."""
        return self.order.state in DONE

    @property
    def filled_quantity(self) -> Decimal:
        """Units filled."""
        return to_decimal(self.order.filled_quantity)

    @property
    def average_price(self) -> Decimal | None:
        """Mean net price of what is filled, per share, positive paid; None before a fill."""
        return to_decimal(self.order.average_price) if self.order.HasField("average_price") else None

    @property
    def commission(self) -> Decimal | None:
        """US dollars, as far as it has been reported; None before the first report."""
        return to_decimal(self.order.commission) if self.order.HasField("commission") else None


async def execute(
    orders: OrdersClient,
    what: Candidate | OrderSpec,
    quantity: int = 1,
    *,
    policy: WalkPolicy = USUAL_POLICY,
    limits: Sequence[Decimal] | None = None,
    client_order_id: str | None = None,
    lease_id: str = "",
    allow_duplicate: bool = False,
    settle_seconds: float = SETTLE_SECONDS,
    show: Callable[[Order], None] = lambda order: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Outcome:
    """Place a spread at mid and raise its limit step by step; cancel what is not filled in the end.

    Every limit is previewed before it is sent. When this is cancelled, it cancels the order first.

    Args:
        orders: To place it with.
        what: A ranked spread, or an order; the limit of an order counts as one more worst price.
        quantity: Spreads, where `what` is a ranked one.
        policy: Steps and bounds.
        limits: To go through in place of what `plan_limits` finds.
        client_order_id: Name of the order; None for a new one.
        lease_id: Cancel it when this lease runs out.
        allow_duplicate: Although an identical order was placed within the last seconds.
        settle_seconds: How long an answer of the gateway may take before it is told as missing.
        show: Told after each change of the limit, and at the end.
        clock: Monotonic seconds.
        sleep: How to wait.

    Raises:
        OutcomeUnknownError: No answer came to placing it, and the server does not know it (yet).
        MeshError: Nothing was placed. FAILED_PRECONDITION with every limit that speaks against it.
    """
    spec = spread_order(what, quantity, None) if isinstance(what, Candidate) else what
    if limits is None:
        limits = await plan_limits(orders, spec, policy)
    async with OrderFollower(orders, client_order_id or new_client_order_id(), sleep) as follower:
        walk = WalkedOrder(orders, follower, spec, settle_seconds, show)
        began = clock()
        try:
            await walk.place(limits[0], lease_id=lease_id, allow_duplicate=allow_duplicate)
            reason = await walk.end(await walk.through(limits, policy.seconds_per_step))
        except asyncio.CancelledError:
            with suppress(MeshError):
                await orders.cancel(follower.client_order_id)
            raise
        seconds = clock() - began
        await walk.commissions(sleep)
        return Outcome(walk.order, tuple(walk.tried), reason, seconds)


async def plan_limits(orders: OrdersClient, spec: OrderSpec, policy: WalkPolicy) -> tuple[Decimal, ...]:
    """The limits that `execute` goes through, from the quotes of this moment."""
    prices = await net_prices(orders, spec)
    bounds = [policy.worst_price] if policy.worst_price is not None else []
    if spec.HasField("limit_price"):
        bounds.append(to_decimal(spec.limit_price))
    bounded = WalkPolicy(policy.step, policy.seconds_per_step, policy.share, min(bounds) if bounds else None)
    found = walk_limits(to_decimal(prices.mid), to_decimal(prices.natural), to_decimal(prices.tick), bounded)
    if len(spec.legs) > 1:
        return found
    priced = tuple(
        limit for limit in found if limit * spec.legs[0].ratio > 0
    )  # a single contract has a price
    if not priced:
        raise refusal([("NO_PRICE", f"no limit on the tick between {found[0]} and {found[-1]}")])
    return priced
