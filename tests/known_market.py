"""A synthetic market that is the same in every run, and contracts of it to trade."""

from datetime import datetime
from functools import cache
from typing import Final

from tws_sim.clock import Clock, RealClock
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.synthetic.market import SyntheticMarket

SYMBOL: Final = "SPY"
START: Final = datetime(2026, 11, 18, 11, 0, tzinfo=NEW_YORK)


def known_market(
    clock: Clock, *, ticks_per_second: float = 500.0, liveliness: float = 0.1
) -> SyntheticMarket:
    """A Wednesday morning, as `tws_sim synthetic --symbols SPY --start 2026-11-18T11:00` plays it."""
    return SyntheticMarket(
        [SYMBOL], 1, clock, START, ticks_per_second=ticks_per_second, liveliness=liveliness
    )


@cache
def two_calls() -> tuple[int, int]:
    """Contract numbers of two calls of one expiration near the money, the lower strike first."""
    market = known_market(RealClock())
    spot = market.quotes([market.listing.rows[market.listing.shares[SYMBOL].con_id]])[0].bid
    assert spot is not None
    chain = market.listing.chains[SYMBOL]
    expiration = sorted({option.expiration for option in chain})[3]
    calls = [one for one in chain if one.expiration == expiration and one.right == "C"]
    above = sorted((one for one in calls if one.strike >= spot), key=lambda one: one.strike)
    return above[0].con_id, above[2].con_id
