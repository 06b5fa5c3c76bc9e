"""A recording as a market: contracts, option parameters and ticks come as they were recorded."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tws_sim.clock import Clock, MarketClock
from tws_sim.market.calendar import NEW_YORK, SessionCalendar, sessions
from tws_sim.market.listing import Listing
from tws_sim.market.market import Floats, Ints, Side
from tws_sim.market.quote import Quote
from tws_sim.recording import state
from tws_sim.recording.conversation import Conversation, understand
from tws_sim.recording.file import RecordingError, read

if TYPE_CHECKING:
    from tws_sim.requests.dispatch import Handler

_LISTED_DAYS = 1200


class RecordedMarket:
    """A :class:`tws_sim.market.market.Market` whose clock starts again when its first client connects."""

    ticks_per_second: float | None = None
    rate = 0.04

    def __init__(self, conversation: Conversation, clock: Clock, speed: float) -> None:
        from tws_sim.recording.answers import answers

        self.conversation = conversation
        self._process_clock = clock
        self._speed = speed
        self._begun = False
        self.clock = MarketClock(clock, conversation.begins.astimezone(NEW_YORK), speed)
        day = self.clock.start.date()
        self.calendar = sessions(day - timedelta(days=14), day + timedelta(days=_LISTED_DAYS))
        self.listing = Listing(one.instrument() for one in conversation.details.values())
        self.answers: Mapping[int, Handler] = answers(self)

    def begin(self) -> None:
        """A client connects: the first one starts the clock at the recorded client's beginning."""
        if not self._begun:
            self._begun = True
            self.clock = MarketClock(self._process_clock, self.clock.start, self._speed)

    def seconds(self) -> float:
        """Seconds since the recording's start at this instant."""
        return self.clock.elapsed() + (self.conversation.opened or 0.0)

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Nothing is due: tapes run as streams of their own."""
        return []

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """What the ticks up to now add up to; nothing for a contract without a tape."""
        found = []
        for row in rows:
            tape = self.conversation.tapes.get(self.listing.instruments[row].con_id)
            found.append(state.quote(tape.since(float("-inf"), self.seconds())) if tape else Quote())
        return found

    def prices(self, row: int, side: Side, epochs: Floats) -> Floats:
        """No history: NaN."""
        return np.full(epochs.shape, np.nan)

    def implied_volatilities(self, row: int, epochs: Floats) -> Floats:
        """No history: NaN."""
        return np.full(epochs.shape, np.nan)

    def volumes(self, row: int, starts: Floats, ends: Floats) -> Ints:
        """No history: zeros."""
        return np.zeros(starts.shape, dtype=np.int64)

    def first_day(self, row: int) -> date:
        """The recorded day."""
        return self.clock.start.date()

    def past(self) -> SessionCalendar:
        """The market's own calendar."""
        return self.calendar


def load(path: Path, *, speed: float, clock: Clock) -> RecordedMarket:
    """The market of a file.

    Raises:
        RecordingError: it is no recording, or holds no contract.
        OSError: it cannot be read.
    """
    conversation = understand(read(path))
    if not conversation.details:
        raise RecordingError(f"{path} holds no contract details")
    return RecordedMarket(conversation, clock, speed)
