"""The volatility history of every underlying that is looked at, kept up to date in the background."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NoReturn

import grpc
import numpy as np

from mesh.errors import MeshError
from mesh.logging import get_logger
from scanner_server.columns import Floats
from scanner_server.translation.times import new_york_date
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import DAYS_OF_A_YEAR, NO_PAST
from scanner_server.volatility.store import DailySeries, VolatilityStore

CHECK_SECONDS = 1.0
RETRY_SECONDS = 60.0
MOST_AGE = timedelta(days=7)
"""A series that ends earlier than this before today tells nothing of where today stands."""
NONE_TODAY = {
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
}

log = get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Followed:
    """One kind of one underlying: its series, as of when it was asked for or refused, and when to try again.

    `read` says that somebody has wanted it since it was last asked for; if nobody has it is dropped when due.
    """

    series: DailySeries | None = None
    settled_on: date | None = None
    is_loaded: bool = False
    retry_at: float = -math.inf
    read: bool = True
    today: date | None = None
    past: Floats = field(default_factory=lambda: NO_PAST)

    @property
    def is_awaited(self) -> bool:
        """Whether it is neither known nor known to be missing."""
        return self.series is None and self.settled_on is None and self.retry_at == -math.inf


class VolatilityHistory:
    """Last year's daily volatilities by symbol and kind: from disk, then from ibkr_server once a market day.

    Belongs to one event loop; disk and network are waited for in `run` alone.
    """

    def __init__(
        self,
        fetch: Callable[[str, VolatilityKind], Awaitable[DailySeries]],
        store: VolatilityStore,
        *,
        market_now: Callable[[], float],
        monotonic: Callable[[], float],
        on_told: Callable[[], None] = lambda: None,
    ) -> None:
        """Start without any; `market_now` gives unix seconds, NaN while unknown.

        `on_told` is called when a history, or that there is none, has become known.
        """
        self._fetch = fetch
        self._store = store
        self._market_now = market_now
        self._monotonic = monotonic
        self._on_told = on_told
        self._followed: dict[tuple[str, VolatilityKind], _Followed] = {}
        self._asked = asyncio.Event()

    def __repr__(self) -> str:
        at_hand = sum(followed.series is not None for followed in self._followed.values())
        return f"<VolatilityHistory {at_hand} of {len(self._followed)} at hand>"

    def before_today(self, symbol: str, kind: VolatilityKind) -> Floats | None:
        """Volatilities per year of at most 252 days before the market's today, oldest first.

        None while they are on their way for the first time, empty where there are none; asking for them has
        them fetched.
        """
        followed = self._followed.get((symbol, kind))
        if followed is None:
            followed = self._followed[symbol, kind] = _Followed()
            self._asked.set()
        followed.read = True
        today = self._today()
        if today != followed.today:
            followed.today = today
            followed.past = _past(followed.series, today)
        return None if followed.is_awaited else followed.past

    async def run(self) -> NoReturn:
        """Load and refresh what is followed, until cancelled."""
        while True:
            self._asked.clear()
            await self.refresh()
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._asked.wait()

    async def refresh(self) -> None:
        """Ask for the history of every underlying that has none of today, one after another."""
        for (symbol, kind), followed in list(self._followed.items()):
            today = self._today()
            if today is None or followed.settled_on == today or self._monotonic() < followed.retry_at:
                continue
            if not followed.read:
                del self._followed[symbol, kind]
                continue
            await self._refresh_one(symbol, kind, followed, today)

    async def _refresh_one(self, symbol: str, kind: VolatilityKind, followed: _Followed, today: date) -> None:
        if not followed.is_loaded:
            self._take(followed, await asyncio.to_thread(self._store.load, symbol, kind))
            followed.is_loaded = True
            if followed.settled_on == today:
                return
        followed.read = False
        try:
            series = await self._fetch(symbol, kind)
        except MeshError as error:
            log.info("no volatility history", symbol=symbol, kind=kind, error=str(error))
            self._failed(followed, today, error)
            return
        self._take(followed, series)
        followed.settled_on = today
        log.info("volatility history loaded", symbol=symbol, kind=kind, days=len(series.values))
        await asyncio.to_thread(self._store.replace, symbol, kind, series)

    def _take(self, followed: _Followed, series: DailySeries | None) -> None:
        if series is not None:
            followed.series, followed.settled_on = series, series.asked_on
            followed.today = None
            self._on_told()

    def _failed(self, followed: _Followed, today: date, error: MeshError) -> None:
        """Try again tomorrow where there is nothing to be had, else soon."""
        if error.code in NONE_TODAY:
            followed.settled_on = today
        else:
            followed.retry_at = self._monotonic() + max(RETRY_SECONDS, error.retry_after_seconds or 0.0)
        self._on_told()

    def _today(self) -> date | None:
        now = self._market_now()
        return None if math.isnan(now) else date.fromisoformat(new_york_date(now))


def _past(series: DailySeries | None, today: date | None) -> Floats:
    if series is None or today is None:
        return NO_PAST
    days = sorted(day for day in series.values if day < today)[-DAYS_OF_A_YEAR:]
    if not days or today - days[-1] > MOST_AGE:
        return NO_PAST
    return np.array([series.values[day] for day in days])
