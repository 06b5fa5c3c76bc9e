"""What the gateway asks of a market."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tws_sim.clock import MarketClock
from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.listing import Listing
from tws_sim.market.quote import Quote

if TYPE_CHECKING:
    from tws_sim.requests.dispatch import Handler

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Side = Literal["BID", "ASK", "MIDPOINT", "TRADES"]


class Market(Protocol):
    """Instruments and their quotes at the market clock's instant."""

    answers: "Mapping[int, Handler]"
    """Requests the market answers itself, by message id."""

    listing: Listing
    clock: MarketClock
    calendar: SessionCalendar
    rate: float
    """Continuous interest rate behind the options' model."""
    ticks_per_second: float | None
    """Option ticks a second over all subscribed options; None: whatever changes is sent, and nothing else."""

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Move to the clock's instant; return those of the ``watched`` rows to be sent because of it."""

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows, in their order."""

    def prices(self, row: int, side: Side, epochs: Floats) -> Floats:
        """Past prices of one instrument at instants (seconds since 1970) up to now; NaN: none."""

    def implied_volatilities(self, row: int, epochs: Floats) -> Floats:
        """A share's 30-day volatility per year at instants up to now; NaN: none."""

    def volumes(self, row: int, starts: Floats, ends: Floats) -> Ints:
        """Shares or contracts traded between each start and its end."""

    def first_day(self, row: int) -> date:
        """The first day of an instrument's history."""

    def past(self) -> SessionCalendar:
        """Sessions from the earliest day of history to the last one of ``calendar``."""
