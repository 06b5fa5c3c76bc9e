"""Contracts in the order of their turns."""

from bisect import bisect_left, insort
from collections.abc import Iterator

Key = tuple[float, ...]


class Turns:
    """A sorted set of contracts; of those with the same key the lower number comes first."""

    def __init__(self) -> None:
        self._entries: list[tuple[Key, int]] = []
        self._key_of: dict[int, Key] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[int]:
        return (con_id for _, con_id in self._entries)

    def put(self, con_id: int, key: Key) -> None:
        """Take a contract in, or move it to where its new key belongs."""
        self.discard(con_id)
        self._key_of[con_id] = key
        insort(self._entries, (key, con_id))

    def discard(self, con_id: int) -> None:
        """Take a contract out, if it is there."""
        key = self._key_of.pop(con_id, None)
        if key is not None:
            del self._entries[bisect_left(self._entries, (key, con_id))]
