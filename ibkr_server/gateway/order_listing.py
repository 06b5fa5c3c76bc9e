"""Lists that the gateway sends piece by piece: answered whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from mesh.errors import MeshError, deadline_exceeded, unavailable

T = TypeVar("T")

LATE_SECONDS = 5.0
"""How long after a deadline the end of a list may still come, and be that of the old request."""


class Listing(Generic[T]):
    """One kind of list. The wire gives its requests no number, so there is one at a time.

    The end of a list that came too late is waited for, or it would end the next one before it is complete.
    """

    def __init__(self, name: str, late_seconds: float = LATE_SECONDS) -> None:
        """`name` is what it lists, for people."""
        self._name = name
        self._late_seconds = late_seconds
        self._turn = asyncio.Lock()
        self._items: list[T] = []
        self._end: asyncio.Future[list[T]] | None = None
        self._owed_until = 0.0
        self._owed_came = asyncio.Event()

    async def ask(
        self, turn: Callable[[], Awaitable[object]], write: Callable[[], object], seconds: float
    ) -> list[T]:
        """Send a request in its turn, and collect its answer.

        Raises:
            MeshError: DEADLINE_EXCEEDED after `seconds`; UNAVAILABLE where the session ended before the list.
        """
        try:
            async with asyncio.timeout(seconds), self._turn:
                await self._late_end()
                await turn()
                return await self._collect(write)
        except TimeoutError:
            raise deadline_exceeded("GATEWAY_SILENT", f"no list of {self._name} in {seconds:g} s") from None

    def heard(self, item: T) -> None:
        """A piece has come; perhaps nobody has asked."""
        if self._end is not None:
            self._items.append(item)

    def ended(self) -> None:
        """The list is complete."""
        self._owed_came.set()
        if self._end is not None and not self._end.done():
            self._end.set_result(self._items)

    def fail(self, error: MeshError) -> None:
        """The list that is under way will not be whole."""
        if self._end is not None and not self._end.done():
            self._end.set_exception(error)

    def session_ended(self) -> None:
        """Nothing more will come of what was asked."""
        self._owed_came.set()
        self.fail(unavailable("the connection to the gateway was lost", retry_after_seconds=1.0))

    async def _collect(self, write: Callable[[], object]) -> list[T]:
        self._items, self._end = [], asyncio.get_running_loop().create_future()
        self._owed_came.clear()
        try:
            write()
            return await self._end_of_list(self._end)
        finally:
            self._end = None

    async def _end_of_list(self, end: asyncio.Future[list[T]]) -> list[T]:
        try:
            return await end
        except (asyncio.CancelledError, MeshError):
            self._owed_until = asyncio.get_running_loop().time() + self._late_seconds
            raise

    async def _late_end(self) -> None:
        try:
            async with asyncio.timeout_at(self._owed_until):
                await self._owed_came.wait()
        except TimeoutError:
            return
