"""First in, first out, within priorities."""

from collections.abc import Iterator


class PriorityFifo:
    """Contracts in the order in which they came, one queue per priority."""

    def __init__(self) -> None:
        self._queues: dict[int, dict[int, None]] = {}
        self._priority_of: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._priority_of)

    def put(self, con_id: int, priority: int) -> None:
        """Take a contract in; one that is there already keeps its place unless its priority is another."""
        if self._priority_of.get(con_id) == priority:
            return
        self.discard(con_id)
        self._priority_of[con_id] = priority
        self._queues.setdefault(priority, {})[con_id] = None

    def discard(self, con_id: int) -> None:
        """Take a contract out, if it is there."""
        priority = self._priority_of.pop(con_id, None)
        if priority is None:
            return
        del self._queues[priority][con_id]
        if not self._queues[priority]:
            del self._queues[priority]

    def at(self, priority: int) -> Iterator[int]:
        """Contracts of one priority, the first come first."""
        return iter(self._queues.get(priority, ()))

    def from_highest(self) -> Iterator[int]:
        """All contracts, the highest priority first."""
        for priority in sorted(self._queues, reverse=True):
            yield from self._queues[priority]

    def from_lowest(self) -> Iterator[int]:
        """All contracts, the lowest priority first."""
        for priority in sorted(self._queues):
            yield from self._queues[priority]
