"""The keys of an issuer, kept fresh by a task of their own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

from mesh.access.issuer import DEADLINE_SECONDS
from mesh.access.token_claims import Keys, parse_key_set
from mesh.logging import get_logger

REFRESH_SECONDS: Final = 300.0
RETRY_SECONDS: Final = 5.0
"""Until the next attempt while there are no keys at all."""
LEAST_PAUSE_SECONDS: Final = 10.0
"""Between two attempts that unknown keys have caused: made-up ones must not make us flood the issuer."""

log = get_logger(__name__)


class IssuerKeys:
    """The last keys that could be had: while the issuer is away, or tells nonsense, they stay."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Fetch a JSON Web Key Set with `fetch`; `clock` counts seconds, `now` gives Unix time."""
        self._fetch = fetch
        self._clock = clock
        self._now = now
        self._text = b""
        self._keys: Keys = {}
        self._asked = asyncio.Event()
        self._round = asyncio.Event()
        self._tried_at: float | None = None
        self.had_at: float | None = None
        """When the issuer told them last, Unix seconds."""

    def __repr__(self) -> str:
        return f"<IssuerKeys {len(self._keys)}>"

    @property
    def current(self) -> Keys:
        """By key id; another object whenever they have changed, and empty before any were had."""
        return self._keys

    async def refresh(self) -> None:
        """Wait until they have been fetched anew, unless that was tried lately."""
        if self._tried_at is not None and self._clock() - self._tried_at < LEAST_PAUSE_SECONDS:
            return
        self._asked.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._round.wait(), DEADLINE_SECONDS + 1)

    @asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Fetch them now, and from then on inside the block; it begins without, where the issuer is away."""
        task = asyncio.create_task(self._run(), name="issuer keys")
        try:
            await self.refresh()
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> NoReturn:
        while True:
            await self._try()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), REFRESH_SECONDS if self._keys else RETRY_SECONDS)

    async def _try(self) -> None:
        self._tried_at = self._clock()
        try:
            self._take(await self._fetch())
            self.had_at = self._now()
        except Exception as error:  # whatever the issuer answers, the keys that are there stay
            log.error("the token issuer's keys could not be fetched", reason=str(error), kept=len(self._keys))
        finally:
            self._asked.clear()
            self._round.set()
            self._round = asyncio.Event()

    def _take(self, text: bytes) -> None:
        if text == self._text:
            return
        keys = parse_key_set(text)
        if not keys:
            raise ValueError("there is no key among them that may verify tokens")
        self._text, self._keys = text, keys
        log.info("the keys of the token issuer were read", count=len(keys))
