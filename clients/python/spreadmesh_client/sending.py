"""The requests of one call."""

import asyncio
from collections.abc import Iterable
from typing import Final, Generic, Self, TypeVar

Request = TypeVar("Request")

MOST_WAITING: Final = 64
"""Requests that may wait to be sent beyond the greeting."""


class Requests(Generic[Request]):
    """What one call sends, for grpc's own task to read; when closed, that task ends.

    Left to itself, the task that serves `call.write` outlives a call whose server has died.
    """

    def __init__(self, greeting: Iterable[Request]) -> None:
        first = list(greeting)
        self._queue: asyncio.Queue[Request | None] = asyncio.Queue(len(first) + MOST_WAITING)
        for request in first:
            self._queue.put_nowait(request)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Request:
        request = await self._queue.get()
        if request is None:
            raise StopAsyncIteration
        return request

    async def put(self, request: Request) -> None:
        """Send after what waits already."""
        await self._queue.put(request)

    def close(self) -> None:
        """Send nothing more."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)
