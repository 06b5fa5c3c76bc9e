"""A client that places a spread that rests, cancels it, and does so again, at a pace, and takes the times."""

import asyncio
import random
import time
from decimal import Decimal
from typing import Final

from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh.order.v1.order_pb2 import OrderSpec, OrderState
from spreadmesh_client import Client
from spreadmesh_client.orders import new_client_order_id
from spreadmesh_client.orders.build import legs_order, with_limit
from spreadmesh_client.orders.decimals import floor_to_tick, to_decimal
from spreadmesh_client.orders.net_prices import net_prices
from spreadmesh_client.orders.refusals import accepted_preview

from bench.order_mesh import SYMBOL

PAUSE_SECONDS: Final = (0.03, 0.13)
"""Between two orders, at random, so that they keep no step with anything else."""
PREVIEW_SECONDS: Final = 10.0
BELOW_MID: Final = Decimal("0.93")
WORKING: Final = {OrderState.ORDER_STATE_PRE_SUBMITTED, OrderState.ORDER_STATE_SUBMITTED}


async def calls_near_the_money(client: Client, number: int) -> list[int]:
    """Contract numbers of so many calls of one expiration, those nearest to the money first."""
    chain = await client.market.get_option_chain(SYMBOL)
    expiration = sorted({each.expiration for each in chain.contracts})[3]
    calls = [
        each for each in chain.contracts if each.expiration == expiration and each.right == Right.RIGHT_CALL
    ]
    spot = await _price(client, chain.underlying.con_id)
    calls.sort(key=lambda each: abs(each.strike - spot))
    return [each.con_id for each in calls[:number]]


async def _price(client: Client, con_id: int) -> float:
    async with client.market.stream_quotes([con_id]) as quotes:
        async for event in quotes:
            if isinstance(event, QuoteBatch) and event.bid:
                return event.bid[0]
    raise AssertionError("a stream of quotes either goes on or raises")


async def resting_spread(client: Client, con_ids: tuple[int, int]) -> OrderSpec:
    """A vertical at a limit too low to be filled and near enough to be taken."""
    spec = legs_order({con_ids[0]: 1, con_ids[1]: -1}, 1, None)
    prices = await net_prices(client.orders, spec)
    mid, tick = to_decimal(prices.mid), to_decimal(prices.tick)
    share = BELOW_MID if mid > 0 else 2 - BELOW_MID
    return with_limit(spec, floor_to_tick(mid * share, tick))


async def place_for(client: Client, con_ids: tuple[int, int], seconds: float) -> list[float]:
    """Milliseconds of each PlaceOrder, from the call to the acknowledged order.

    Raises:
        RuntimeError: An order that was not acknowledged as working: the time would say nothing.
    """
    found: list[float] = []
    until, previewed = time.monotonic() + seconds, float("-inf")
    while time.monotonic() < until:
        if time.monotonic() - previewed > PREVIEW_SECONDS:
            spec = await resting_spread(client, con_ids)
            token, previewed = (await accepted_preview(client.orders, spec)).token, time.monotonic()
        name = new_client_order_id()
        began = time.perf_counter()
        order = await client.orders.place(
            spec, client_order_id=name, preview_token=token, allow_duplicate=True
        )
        found.append((time.perf_counter() - began) * 1e3)
        if order.state not in WORKING:
            raise RuntimeError(f"{OrderState.Name(order.state)}: {order.reason}")
        await client.orders.cancel(name)
        await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
    return found
