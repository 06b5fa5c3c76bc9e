"""Buys the best spread of a ranking on a running mesh: `python examples/best_spread.py SPY bull_put`."""

import asyncio
import sys
from decimal import Decimal

from spreadmesh.order.v1.order_pb2 import OrderState
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.orders import Outcome, WalkPolicy, execute


async def main(market: str, scan: str, symbol: str, strategy: str) -> Outcome:
    """Rank, place at mid, walk half-way to natural, and tell how it went."""
    filters = ScanFilters(days_to_expiration=Range(lower=20, upper=25))
    spec = ScanSpec(underlying=symbol, strategies=[strategy], filters=filters)
    async with connect(market=market, scan=scan) as client, client.orders.lease() as lease:
        ranking = await client.scans.run_scan(spec, min_coverage=0.9, timeout_seconds=60)
        if not ranking.candidates:
            raise SystemExit("no spread passes the filters")
        policy = WalkPolicy(seconds_per_step=3, share=Decimal("0.5"))
        outcome = await execute(
            client.orders, ranking.candidates[0], quantity=1, policy=policy, lease_id=lease.lease_id
        )
    print(OrderState.Name(outcome.state), outcome.filled_quantity, outcome.average_price, outcome.reason)
    return outcome


if __name__ == "__main__":
    asyncio.run(main("127.0.0.1:7401", "127.0.0.1:7402", *sys.argv[1:]))
