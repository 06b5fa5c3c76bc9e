"""Daily history from the gateway: paced, and identical requests shared."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.history.bars import DailyBar, DailyHistory, HistoryQuery
from ibkr_server.history.pacing import IDENTICAL_SECONDS, HistoryPacing, Sent
from ibkr_server.history.refusals import is_violation, to_error
from mesh.errors import MeshError, quota_exceeded

MOST_REQUESTS = 100
"""Requests that may be under way, wait for their turn, or have been answered lately."""
LONGEST_WAIT_SECONDS = 60.0
"""A request whose turn would come later is refused, and told when to try again."""

Ask = Callable[[HistoryQuery], Awaitable[tuple[DailyBar, ...]]]
"""Sends a request and waits for its answer, with a deadline; raises `GatewayRefusal` or other mesh errors."""


@dataclass(slots=True, eq=False)
class _Shared:
    """A request and how many wait for it; `answered` is when the gateway spoke, in monotonic seconds."""

    task: "asyncio.Task[DailyHistory]" = field(init=False)
    waiting: int = 0
    is_sent: bool = False
    answered: float | None = None


class HistoryRequests:
    """Histories by query. Who asks for the same shares one request, and its answer for 15 seconds.

    Owns the tasks of the requests. One that has been sent goes on when all who waited have given up, as it
    counts anyway; one that waits for its turn ends with the last of them.
    """

    def __init__(self, ask: Ask, market_now: Callable[[], float], clock: Callable[[], float]) -> None:
        """Send by `ask`; `clock` gives monotonic seconds, `market_now` seconds since 1970 UTC."""
        self._ask = ask
        self._market_now = market_now
        self._clock = clock
        self._pacing = HistoryPacing()
        self._shared: dict[HistoryQuery, _Shared] = {}
        self._tasks: set[asyncio.Task[DailyHistory]] = set()
        self._turns = asyncio.Lock()
        self._one_ended = asyncio.Event()

    def __repr__(self) -> str:
        return f"<HistoryRequests {len(self._tasks)} under way, {self._pacing!r}>"

    async def daily(self, query: HistoryQuery) -> DailyHistory:
        """The history asked for. Safe to cancel.

        Raises:
            MeshError: RESOURCE_EXHAUSTED where IB's pacing leaves no room within a minute; what
                `refusals.to_error` makes of the gateway's refusal; UNAVAILABLE without a session,
                DEADLINE_EXCEEDED where no answer comes.
        """
        shared = self._requested(query)
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.is_sent:
                shared.task.cancel()
                self._forget(query, shared)

    async def close(self) -> None:
        """End the requests under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _requested(self, query: HistoryQuery) -> _Shared:
        now = self._clock()
        for old, shared in list(self._shared.items()):
            if shared.answered is not None and now - shared.answered >= IDENTICAL_SECONDS:
                self._forget(old, shared)
        if query in self._shared:
            return self._shared[query]
        if len(self._shared) >= MOST_REQUESTS:
            raise _no_room(f"{MOST_REQUESTS} are under way already", IDENTICAL_SECONDS)
        shared = self._shared[query] = _Shared()
        shared.task = asyncio.create_task(self._answer(query, shared))
        self._tasks.add(shared.task)
        shared.task.add_done_callback(self._done)
        return shared

    async def _answer(self, query: HistoryQuery, shared: _Shared) -> DailyHistory:
        try:
            sent = await self._turn(query)
            shared.is_sent = True
            try:
                bars = await self._ask(query)
                shared.answered = self._clock()
                return DailyHistory(bars, self._market_now())
            except GatewayRefusal as refusal:
                shared.answered = self._clock()
                if is_violation(refusal):
                    self._pacing.violated(shared.answered)
                raise to_error(refusal, query) from None
            finally:
                sent.ended = self._clock()
                self._one_ended.set()
        finally:
            if shared.answered is None:
                self._forget(query, shared)

    async def _turn(self, query: HistoryQuery) -> Sent:
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS), self._turns:
                while (delay := self._pacing.delay(query, self._clock())) > 0:
                    if LONGEST_WAIT_SECONDS < delay < math.inf:
                        raise _no_room("60 requests in ten minutes are used up", delay)
                    self._one_ended.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(delay if delay < math.inf else None):
                            await self._one_ended.wait()
                return self._pacing.send(query, self._clock())
        except TimeoutError:
            raise _no_room("too many are waiting", LONGEST_WAIT_SECONDS) from None

    def _forget(self, query: HistoryQuery, shared: _Shared) -> None:
        if self._shared.get(query) is shared:
            del self._shared[query]

    def _done(self, task: "asyncio.Task[DailyHistory]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # those who waited have it; there may be none left


def _no_room(description: str, retry_after_seconds: float) -> MeshError:
    return quota_exceeded("historical requests", description, retry_after_seconds)
