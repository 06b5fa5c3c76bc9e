"""Walks a hundred times faster than they are told to."""

import asyncio
from decimal import Decimal
from typing import Any

from spreadmesh.order.v1.order_pb2 import OrderSpec
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh_client.orders import Outcome, WalkPolicy, execute

from tests.clients.orders.desk import SPEC

POLICY = WalkPolicy(step=Decimal("0.05"))
WALK = ["-1.23", "-1.18", "-1.13", "-1.10"]
NAME = "c1"


async def a_hundred_times_faster(seconds: float) -> None:
    await asyncio.sleep(seconds / 100)


async def run(orders: Any, what: OrderSpec | Candidate = SPEC, **options: Any) -> Outcome:
    return await execute(
        orders, what, policy=options.pop("policy", POLICY), client_order_id=NAME,
        sleep=a_hundred_times_faster, settle_seconds=5, **options,
    )  # fmt: skip
