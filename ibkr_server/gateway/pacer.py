"""Paces every message to the gateway, which warns above 50 a second and then cuts the connection."""

import asyncio
import contextlib
import heapq
import math
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from itertools import count
from typing import NoReturn

from opentelemetry import trace

from ibkr_server.gateway.recent import RecentCount
from ibkr_server.gateway.window import Window
from mesh.telemetry.histogram import Histogram

THROTTLED_SECONDS = 1.0
MOST_IN_A_SECOND = 45
"""What the gateway may come to count, with the usual 100 lines; it warns above 50."""
MANY_UNREAD = 10 / MOST_IN_A_SECOND
"""With so many of them under way, as a share, the gateway should be asked whether it reads."""
LATE_SECONDS = 0.01
"""A turn that is late by no more than this does not put off the next ones: timers are no finer."""


class Lane(IntEnum):
    """Who goes first. The pulse is what shows that the gateway reads, so nothing may hold it up."""

    PULSE = 0
    ORDERS = 1
    REQUESTS = 2
    MARKET_DATA = 3
    HISTORY = 4


class Pacer:
    """Grants one message after another, evenly spaced, the urgent lanes first.

    Even spacing, not a burst per second: then jitter of the network can't push two bursts into one second of
    the gateway's count. When the gateway stops reading, turns stop before there is more than it may read at
    once (`Window`). A waiter that is cancelled just leaves; the queue goes on.
    """

    def __init__(
        self,
        messages_per_second: float,
        clock: Callable[[], float],
        capacity: int = 10_000,
        most_in_a_second: int = MOST_IN_A_SECOND,
    ) -> None:
        """Pace at `messages_per_second`; more than `capacity` waiters are refused.

        Of messages that the gateway reads late it may come to count `most_in_a_second`.

        `sent` counts messages by lane and `waits` has how long they waited, in seconds;
        `throttled` is how many waited more than a second, and `most_in_a_second` the most of all lanes within
        any one second. `proof_wanted` is set while the gateway should show that it reads: it was sent much,
        or somebody asks.
        """
        self._interval = 1.0 / messages_per_second
        self._clock = clock
        self._capacity = capacity
        self.sent = dict.fromkeys(Lane, 0)
        self.waits = {lane: Histogram() for lane in Lane}
        self.throttled = dict.fromkeys(Lane, 0)
        self._throttled_lately = RecentCount(60.0)
        self.most_in_a_second = 0
        self.proof_wanted = asyncio.Event()
        self._recent: deque[float] = deque()
        self._next = clock()
        self._order = count()
        self._waiting: list[tuple[Lane, int, asyncio.Future[int]]] = []
        self._arrived = asyncio.Event()
        self._window = Window(most_in_a_second)
        self._many_unread = MANY_UNREAD * most_in_a_second
        self._was_read = asyncio.Event()

    def queued(self, lane: Lane) -> int:
        """Messages of a lane that wait for their turn."""
        return sum(waiting is lane and not turn.done() for waiting, _, turn in self._waiting)

    @property
    def throttled_last_minute(self) -> int:
        """Messages of all lanes that have waited for more than a second, within the last minute."""
        return self._throttled_lately.total(self._clock())

    def charge(self, messages: int) -> None:
        """Count messages that the library has sent past the pacer, and that were answered."""
        self._count(Lane.REQUESTS, messages)
        self.forget_unread()

    def read(self, number: int) -> None:
        """An answer shows that the gateway has read message `number`, and so all before it."""
        self._window.read(number, self._clock())
        self._was_read.set()
        if self._window.unread < self._many_unread:
            self.proof_wanted.clear()

    def hold(self, seconds: float) -> None:
        """Grant nothing for a while."""
        self._next = max(self._next, self._clock() + seconds)

    def forget_unread(self) -> None:
        """What the gateway had not read it never will: the session has ended."""
        self.read(self._window.sent)

    async def turn(self, lane: Lane) -> int:
        """Wait for the turn of one message; returns its number, by which its answer is told to `read`.

        Raises:
            OverflowError: The queue is full.
        """
        if len(self._waiting) >= self._capacity:
            raise OverflowError(f"{self._capacity} messages to the gateway are waiting already")
        came = self._clock()
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._order), turn))
        self._arrived.set()
        number = await turn
        waited = self._clock() - came
        self.waits[lane].record(waited, trace.get_current_span().get_span_context())
        if waited > THROTTLED_SECONDS:
            self.throttled[lane] += 1
            self._throttled_lately.add(self._clock())
        return number

    async def run(self) -> NoReturn:
        """Grant turns until cancelled."""
        while True:
            await self._arrived.wait()
            await self._until_due()
            self._grant()

    async def _until_due(self) -> None:
        while (delay := max(self._next - self._clock(), self._window.wait(self._clock()))) > 0:
            self._was_read.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if delay == math.inf else delay):
                    await self._was_read.wait()

    def _grant(self) -> None:
        while self._waiting:
            lane, _, turn = heapq.heappop(self._waiting)
            with contextlib.suppress(asyncio.InvalidStateError):
                turn.set_result(self._window.sent + 1)
                self._count(lane, 1)
                return
        self._arrived.clear()

    def _count(self, lane: Lane, messages: int) -> None:
        now = self._clock()
        self._next = max(self._next, now - LATE_SECONDS) + messages * self._interval
        self.sent[lane] += messages
        self._window.send(messages)
        if self._window.unread >= self._many_unread:
            self.proof_wanted.set()
        self._recent.extend([now] * messages)
        while self._recent[0] <= now - 1.0:
            self._recent.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self._recent))
