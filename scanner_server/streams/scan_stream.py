"""The course of one stream of rankings, as news, credits, changed specs and silences come."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from mesh.credits import Credits
from mesh.errors import invalid_argument
from mesh.telemetry.context import unpack_context
from scanner_server.live.limits import refusing_too_many
from scanner_server.live.ranked import Ranked
from scanner_server.live.scanner import Asked, Scanner
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.streams.pacing import Due, Pacing

MOST_CREDITS = 1024


@dataclass(frozen=True, slots=True)
class Fresh:
    """A ranking to send; `is_first`: its receiver has none of this spec yet."""

    ranked: Ranked
    asked: Asked
    is_first: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to send: seconds since the feed spoke, and whether what was sent last is stale."""

    seconds: float
    stale: bool


class ScanStream:
    """Decides what one receiver gets next. Its reader changes it; `events` is what to send.

    A ranking is computed when it can be sent, never before: while there is no credit the book changes and no
    ranking waits anywhere.
    """

    def __init__(
        self,
        scanner: Scanner,
        asked: Asked,
        *,
        min_interval: float,
        credits_count: int | None,
        is_resumed: bool = False,
    ) -> None:
        """Begin with a spec.

        Without `credits_count` the receiver takes whatever comes. Where the stream `is_resumed` it has a
        ranking of the spec already.
        """
        self._scanner = scanner
        self._asked = asked
        self._resumed = asked if is_resumed else None
        self._pacing = Pacing(min_interval, spoke_at=scanner.monotonic())
        self._credits: Credits | None = None
        if credits_count is not None:
            self._credits = Credits(MOST_CREDITS)
            self._credits.grant(credits_count)
        self._wake = asyncio.Event()
        self._failure: Exception | None = None
        self._is_finished = False

    def __repr__(self) -> str:
        return f"<ScanStream {self._asked.symbol} {self._credits} {self._pacing}>"

    def change(self, asked: Asked) -> None:
        """Scan for something else from now on."""
        self._asked = asked
        self._wake.set()

    def grant(self, credits_count: int) -> None:
        """Take room for more rankings.

        Raises:
            MeshError: INVALID_ARGUMENT; not positive, or more than `MOST_CREDITS` outstanding.
        """
        if self._credits is None:
            raise invalid_argument("grant", "this stream has no credits")
        room = MOST_CREDITS - self._credits.available
        if not 1 <= credits_count <= room:
            raise invalid_argument("grant.credits", f"must be 1 to {room} now, not {credits_count}")
        self._credits.grant(credits_count)
        self._wake.set()

    def fail(self, failure: Exception) -> None:
        """End the stream with an error, at its next event."""
        self._failure = failure
        self._wake.set()

    def finish(self) -> None:
        """The receiver will say no more: end when its credits are used up."""
        self._is_finished = True
        self._wake.set()

    @property
    def _has_credit(self) -> bool:
        return self._credits is None or self._credits.available > 0

    async def events(self) -> AsyncGenerator[Fresh | Silence]:
        """Rankings of the spec in force, and silences, until the stream is finished, failed or closed.

        Raises:
            MeshError: the failure, or why a spec cannot be scanned.
        """
        while True:
            asked = self._asked
            underlying = await self._scanner.opened(asked)
            self._pacing.renew()
            with underlying.scanning(asked.spec, self._wake.set):
                sent: Ranked | None = None
                while self._asked is asked:
                    if self._is_finished and not self._has_credit:
                        return
                    event = await self._next(underlying, asked, sent)
                    if isinstance(event, Fresh):
                        sent = event.ranked
                    if event is not None:
                        yield event

    async def _next(
        self, underlying: LiveUnderlying, asked: Asked, sent: Ranked | None
    ) -> Fresh | Silence | None:
        """What is due now; None after a wait, or where there is nothing to rank yet."""
        self._wake.clear()
        if self._failure is not None:
            raise self._failure
        now = self._scanner.monotonic()
        due = self._pacing.decide(now, news_at=underlying.news_at(sent), has_credit=self._has_credit)
        if due is Due.HEARTBEAT:
            self._pacing.sent(due, now)
            stale = self._scanner.feed.is_stale or (sent is not None and sent.is_stale)
            return Silence(self._scanner.feed.silence_seconds(), stale)
        if due is Due.RANKING:
            ranked = await self._ranked(underlying, asked, sent)
            is_first = sent is None and asked is not self._resumed
            return None if ranked is None else Fresh(ranked, asked, is_first)
        await self._wait(due - now)
        return None

    async def _ranked(self, underlying: LiveUnderlying, asked: Asked, sent: Ranked | None) -> Ranked | None:
        with refusing_too_many(asked.path):
            ranked = await underlying.rank(asked.spec)
        if ranked is None or ranked is sent or self._asked is not asked:
            return None
        if self._credits is not None:
            self._credits.try_acquire()
        self._pacing.sent(Due.RANKING, self._scanner.monotonic())
        self._time(ranked)
        return ranked

    def _time(self, ranked: Ranked) -> None:
        age = max(0, time.time_ns() - ranked.began_ns) / 1e9
        self._scanner.activity.ranking_ages.record(age, unpack_context(ranked.basis.trace_context))

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
