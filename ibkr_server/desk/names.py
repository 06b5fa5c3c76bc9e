"""One at a time for each name."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mesh.errors import quota_exceeded


class Names:
    """Callers that use the same name go one after the other, in the order of their coming."""

    def __init__(self, most: int) -> None:
        """At most so many callers at once, of all names together."""
        self._most = most
        self._locks: dict[str, asyncio.Lock] = {}
        self._callers: Counter[str] = Counter()

    @asynccontextmanager
    async def only(self, name: str) -> AsyncIterator[None]:
        """Be the only one with this name.

        Raises:
            MeshError: RESOURCE_EXHAUSTED: too many callers.
        """
        if self._callers.total() >= self._most:
            raise quota_exceeded("orders", f"{self._most} are waiting for their turn already", 1.0)
        self._callers[name] += 1
        try:
            async with self._locks.setdefault(name, asyncio.Lock()):
                yield
        finally:
            self._callers[name] -= 1
            if not self._callers[name]:
                del self._callers[name], self._locks[name]
