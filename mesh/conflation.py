"""Conflation: remember what changed, not how often, so that a slow reader gets the latest of everything.

For quotes and rankings only. Order events are facts one by one and never pass through here.
"""

import asyncio
from collections.abc import Hashable, Iterable
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class DirtySet(Generic[K]):
    """The keys changed since they were last taken, in the order in which each first changed.

    Belongs to one event loop. A key that changes again keeps its place, so no key can starve.
    """

    def __init__(self, capacity: int) -> None:
        """Start clean; `capacity` is the number of distinct keys a stream may ever follow."""
        self._capacity = capacity
        self._keys: dict[K, None] = {}
        self._conflated = 0
        self._marked = asyncio.Event()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __repr__(self) -> str:
        return f"<DirtySet {len(self._keys)}/{self._capacity} conflated={self._conflated}>"

    @property
    def conflated(self) -> int:
        """Updates that were overwritten before they were taken, since the start."""
        return self._conflated

    def mark(self, key: K) -> None:
        """Note that `key` has changed.

        Raises:
            OverflowError: A new key where `capacity` keys are dirty already: the caller let more keys
                into the stream than it promised.
        """
        if key in self._keys:
            self._conflated += 1
            return
        if len(self._keys) >= self._capacity:
            raise OverflowError(f"more than {self._capacity} distinct keys are dirty")
        self._keys[key] = None
        self._marked.set()

    def mark_all(self, keys: Iterable[K]) -> None:
        """Mark several keys at once, as for a snapshot; all or, past the capacity, none of them.

        Raises:
            OverflowError: More than `capacity` keys would be dirty.
        """
        changed = list(keys)
        union = self._keys | dict.fromkeys(changed)
        if len(union) > self._capacity:
            raise OverflowError(f"more than {self._capacity} distinct keys are dirty")
        self._conflated += len(changed) - (len(union) - len(self._keys))
        self._keys = union
        if union:
            self._marked.set()

    def discard(self, key: K) -> None:
        """Forget a key the reader no longer follows."""
        self._keys.pop(key, None)

    def take(self, limit: int) -> list[K]:
        """Remove and return up to `limit` keys, the longest dirty first."""
        if limit >= len(self._keys):
            everything, self._keys = self._keys, {}
            return list(everything)
        taken = list(islice(self._keys, limit))
        for key in taken:
            del self._keys[key]
        return taken

    async def wait(self) -> None:
        """Wait until at least one key is dirty. Safe to cancel: it takes nothing."""
        while not self._keys:
            self._marked.clear()
            await self._marked.wait()
