"""The simulator as a process, with the instant at which a quote was made as the size at its bid.

A size goes through every hop untouched, so that a ranking tells when the ticks in it were made: microseconds
of the clock that all processes of a machine share. SIGUSR1 goes on to the next of the rates.
"""

import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from bench.ticks import now_us
from tws_sim.clock import RealClock
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.quote import Quote
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.serving import Serving

START = datetime(2026, 11, 20, 10, 0, tzinfo=NEW_YORK)
HOST, MESSAGE_RATE = "127.0.0.1", 50


class StampedMarket(SyntheticMarket):
    """A synthetic market whose bids are as large as it is late."""

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows."""
        found = super().quotes(rows)
        now = now_us()
        return [quote if quote.bid is None else quote._replace(bid_size=now) for quote in found]


def main(symbol: str, lines: int, port: int, control_port: int, rate: int, *higher: int) -> None:
    """Serve until a signal; rates in ticks per second."""
    clock, rates = RealClock(), iter(higher)
    market = StampedMarket([symbol], 7, clock, START, ticks_per_second=rate)

    def next_rate(_number: int, _frame: object) -> None:
        market.ticks_per_second = next(rates, market.ticks_per_second)

    signal.signal(signal.SIGUSR1, next_rate)
    serving = Serving(HOST, port, control_port, lines, MESSAGE_RATE, as_json=True)
    serving.run(market, clock)


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
