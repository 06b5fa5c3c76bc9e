"""How streams learn that their server is about to stop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Drain:
    """The end of a server's streams, in two steps: a notice to those who watch, then the end of all others.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._over = False
        self._open: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __repr__(self) -> str:
        state = "over" if self._over else "begun" if self._begun.is_set() else "idle"
        return f"<Drain {state} streams={len(self._open)}>"

    @property
    def has_begun(self) -> bool:
        """Whether streams should come to their end."""
        return self._begun.is_set()

    @property
    def is_over(self) -> bool:
        """Whether all streams have been ended."""
        return self._over

    @property
    def open_streams(self) -> int:
        """Streams that have not ended."""
        return len(self._open)

    async def wait(self) -> None:
        """Wait for the notice. A handler that sees it may send a last message and return."""
        await self._begun.wait()

    async def until_idle(self) -> None:
        """Wait until no stream is open."""
        await self._idle.wait()

    def begin(self) -> None:
        """Give notice."""
        self._begun.set()

    def end(self) -> None:
        """Cut the streams that are still open, and those that come later."""
        self._begun.set()
        self._over = True
        for scope in self._open:
            _expire(scope)

    @contextmanager
    def ending(self, scope: asyncio.Timeout) -> Iterator[None]:
        """Let a running stream's time-out scope expire at the end of the drain."""
        self._open.add(scope)
        self._idle.clear()
        if self._over:
            _expire(scope)
        try:
            yield
        finally:
            self._open.discard(scope)
            if not self._open:
                self._idle.set()


def _expire(scope: asyncio.Timeout) -> None:
    scope.reschedule(asyncio.get_running_loop().time())
