"""How many scans run at once, and who gets the next place."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum

from opentelemetry import trace

from mesh.errors import MeshError, quota_exceeded
from mesh.telemetry.histogram import Histogram

RETRY_AFTER_SECONDS = 2.0

Queue = dict[asyncio.Future[None], None]


class Priority(IntEnum):
    """Who goes first."""

    INTERACTIVE = 0
    UNIVERSE = 1


class Admission:
    """Places for scans. Whoever finds none free waits: by priority, within one in the order of arrival.

    Each priority has a bounded queue of its own, so that the one can't fill up the other's. Belongs to one
    event loop.

    Attributes:
        limit: places there are.
        running: places taken.
        wait_seconds: how long it took to get one; those who got none do not count.
        refused: how many got none.
    """

    def __init__(
        self,
        limit: int,
        most_waiting: Mapping[Priority, int] | None = None,
        *,
        longest_wait: float = 10.0,
        subject: str = "scans",
    ) -> None:
        """Open `limit` places.

        Args:
            limit: places.
            most_waiting: how many may wait, by priority; none of those that are not named.
            longest_wait: seconds that an interactive scan waits; a universe's wait is bounded by its job.
            subject: what is counted, for refusals.
        """
        self.limit = limit
        self._most_waiting = most_waiting or {}
        self._longest_wait = longest_wait
        self._subject = subject
        self._queues: dict[Priority, Queue] = {priority: {} for priority in Priority}
        self.running = 0
        self.wait_seconds = Histogram()
        self.refused = 0

    def __repr__(self) -> str:
        return f"<Admission {self._subject} {self.running}/{self.limit} waiting={self.waiting}>"

    @property
    def waiting(self) -> int:
        """Scans that wait for a place."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def admitted(self, priority: Priority = Priority.INTERACTIVE) -> AsyncIterator[None]:
        """Hold a place inside the block, after a wait for it. Safe to cancel.

        Raises:
            MeshError: RESOURCE_EXHAUSTED; the queue is full, or no place came free in time.
        """
        began = asyncio.get_running_loop().time()
        if self.running < self.limit:
            self.running += 1
        else:
            await self._wait(priority)
        span = trace.get_current_span().get_span_context()
        self.wait_seconds.record(asyncio.get_running_loop().time() - began, span)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, priority: Priority) -> None:
        queue = self._queues[priority]
        if len(queue) >= self._most_waiting.get(priority, 0):
            raise self._refusal(f"{len(queue)} wait for a place" if queue else "none may wait for a place")
        turn = asyncio.get_running_loop().create_future()
        queue[turn] = None
        has_place = False
        try:
            async with asyncio.timeout(self._longest_wait if priority is Priority.INTERACTIVE else None):
                await turn
            has_place = True
        except TimeoutError:
            raise self._refusal(f"no place came free in {self._longest_wait:g} s") from None
        finally:
            queue.pop(turn, None)
            if not has_place and turn.done() and not turn.cancelled():
                self._pass_on()  # it came while its receiver was giving up

    def _pass_on(self) -> None:
        """Give a place to the next in line; free it where nobody waits."""
        for queue in self._queues.values():
            for turn in queue:
                if not turn.done():
                    del queue[turn]
                    turn.set_result(None)
                    return
        self.running -= 1

    def _refusal(self, why: str) -> MeshError:
        self.refused += 1
        return quota_exceeded(
            self._subject, f"{self.limit} are running already and {why}", RETRY_AFTER_SECONDS
        )
