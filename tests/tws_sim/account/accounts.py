"""An account over a market whose prices a test sets."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from tws_sim.account.account import Account
from tws_sim.clock import MarketClock, VirtualClock
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.instrument import Instrument, Option, Right, option, share
from tws_sim.market.listing import Listing
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote

SPY = share("SPY")
SOON, LATER = date(2026, 12, 18), date(2027, 3, 19)
SPOT = 590.0


def listed(strike: float, right: Right = "C", day: date = SOON) -> Option:
    return option(SPY, day, day, strike, right)


STRIKES = tuple(range(560, 625, 5))
CHAIN = {(k, r, d): listed(k, r, d) for k in STRIKES for r in ("C", "P") for d in (SOON, LATER)}


class Prices:
    """A market of one share and its options; an option costs its intrinsic value and a dollar."""

    def __init__(self) -> None:
        self.pacer = VirtualClock()
        self.clock = MarketClock(self.pacer, datetime(2026, 11, 20, 10, 0, tzinfo=NEW_YORK))
        self.listing = Listing([SPY, *CHAIN.values()])
        self.marks: dict[int, float | None] = {SPY.con_id: SPOT}

    def mark(self, item: Instrument) -> float | None:
        if item.con_id in self.marks:
            return self.marks[item.con_id]
        assert isinstance(item, Option)
        spot = self.marks[SPY.con_id] or SPOT
        return max(0.0, spot - item.strike if item.right == "C" else item.strike - spot) + 1

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        marks = [self.mark(self.listing.instruments[row]) for row in rows]
        return [Quote() if mark is None else Quote(mark, 1, mark, 1) for mark in marks]

    def account(self) -> Account:
        return Account(cast("Market", self))
