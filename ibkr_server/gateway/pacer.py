"""Paces every message to the gateway, which warns above 50 a second and then cuts the connection."""

import asyncio
import contextlib
import heapq
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from itertools import count
from typing import NoReturn

THROTTLED_SECONDS = 1.0


class Lane(IntEnum):
    """Who goes first."""

    ORDERS = 0
    REQUESTS = 1
    MARKET_DATA = 2
    HISTORY = 3


class Pacer:
    """Grants one message after another, evenly spaced, the urgent lanes first.

    Even spacing, not a burst per second: then a pause in the network can't push two bursts into one second of
    the gateway's count. A waiter that is cancelled just leaves; the queue goes on.
    """

    def __init__(
        self, messages_per_second: float, clock: Callable[[], float], capacity: int = 10_000
    ) -> None:
        """Pace at `messages_per_second`; more than `capacity` waiters are refused.

        `sent` counts messages by lane and `longest_wait` is the longest that one has waited, in seconds;
        `throttled` is how many waited more than a second, and `most_in_a_second` the most of all lanes within
        any one second.
        """
        self._interval = 1.0 / messages_per_second
        self._clock = clock
        self._capacity = capacity
        self.sent = dict.fromkeys(Lane, 0)
        self.longest_wait = dict.fromkeys(Lane, 0.0)
        self.throttled = dict.fromkeys(Lane, 0)
        self.most_in_a_second = 0
        self._recent: deque[float] = deque()
        self._next = clock()
        self._order = count()
        self._waiting: list[tuple[Lane, int, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    def queued(self, lane: Lane) -> int:
        """Messages of a lane that wait for their turn."""
        return sum(waiting is lane and not turn.done() for waiting, _, turn in self._waiting)

    def charge(self, messages: int) -> None:
        """Count messages that were sent past the pacer, as the library does while it connects."""
        self._count(Lane.REQUESTS, messages)

    async def turn(self, lane: Lane) -> None:
        """Wait for the turn of one message.

        Raises:
            OverflowError: The queue is full.
        """
        if len(self._waiting) >= self._capacity:
            raise OverflowError(f"{self._capacity} messages to the gateway are waiting already")
        came = self._clock()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._order), turn))
        self._arrived.set()
        await turn
        waited = self._clock() - came
        self.longest_wait[lane] = max(self.longest_wait[lane], waited)
        self.throttled[lane] += waited > THROTTLED_SECONDS

    async def run(self) -> NoReturn:
        """Grant turns until cancelled."""
        while True:
            await self._arrived.wait()
            delay = self._next - self._clock()
            if delay > 0:
                await asyncio.sleep(delay)
            self._grant()

    def _grant(self) -> None:
        while self._waiting:
            lane, _, turn = heapq.heappop(self._waiting)
            with contextlib.suppress(asyncio.InvalidStateError):
                turn.set_result(None)
                self._count(lane, 1)
                return
        self._arrived.clear()

    def _count(self, lane: Lane, messages: int) -> None:
        now = self._clock()
        self._next = max(self._next, now) + messages * self._interval
        self.sent[lane] += messages
        self._recent.extend([now] * messages)
        while self._recent[0] <= now - 1.0:
            self._recent.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self._recent))
