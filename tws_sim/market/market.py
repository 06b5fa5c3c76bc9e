"""What the gateway asks of a market."""

from collections.abc import Collection, Sequence
from typing import Protocol

from tws_sim.clock import MarketClock
from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.listing import Listing
from tws_sim.market.quote import Quote


class Market(Protocol):
    """Instruments and their quotes at the market clock's instant."""

    listing: Listing
    clock: MarketClock
    calendar: SessionCalendar
    ticks_per_second: float | None
    """Option ticks a second over all subscribed options; None: whatever changes is sent, and nothing else."""

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Move to the clock's instant; return those of the ``watched`` rows to be sent because of it."""

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows, in their order."""
