"""Which contracts the live scans want, and for how long after the last of them has gone."""

from collections.abc import Callable, Hashable, Iterable, Mapping

LINGERING_PRIORITY = 0


class Wanted:
    """The union of what each owner wants; what nobody wants any more lingers before it is dropped.

    What lingers makes way for what is wanted. While nothing is, it keeps its priority: to change it would
    cost a contract its turn for a line, and scans that follow one another would never see the last in line.
    """

    def __init__(self, linger_seconds: float, monotonic: Callable[[], float]) -> None:
        """Start with nothing wanted; `monotonic` gives seconds of this machine."""
        self._linger_seconds = linger_seconds
        self._monotonic = monotonic
        self._owners: dict[Hashable, dict[int, int]] = {}
        self._lingering: dict[int, tuple[int, float]] = {}

    def __repr__(self) -> str:
        return f"<Wanted owners={len(self._owners)} lingering={len(self._lingering)}>"

    def want(self, owner: Hashable, priorities: Mapping[int, int]) -> None:
        """Replace what an owner wants: priority (0 to 100) by con_id."""
        self._owners[owner] = dict(priorities)

    def release(self, owner: Hashable) -> None:
        """Forget an owner; its contracts linger unless another owner wants them."""
        until = self._monotonic() + self._linger_seconds
        for con_id, priority in self._owners.pop(owner, {}).items():
            self._lingering[con_id] = priority, until

    def forget(self, con_ids: Iterable[int]) -> None:
        """Let none of these linger."""
        for con_id in con_ids:
            self._lingering.pop(con_id, None)

    def priorities(self) -> dict[int, int]:
        """The highest priority of each contract to be subscribed now, by con_id."""
        now = self._monotonic()
        self._lingering = {con_id: item for con_id, item in self._lingering.items() if item[1] > now}
        union = {
            con_id: LINGERING_PRIORITY if self._owners else priority
            for con_id, (priority, _) in self._lingering.items()
        }
        for priorities in self._owners.values():
            for con_id, priority in priorities.items():
                union[con_id] = max(priority, union.get(con_id, 0))
        return union
