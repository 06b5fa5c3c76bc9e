"""Numbers that are never used twice, not even after a restart."""

from dataclasses import dataclass

_LARGEST = 2_000_000_000
_PER_SECOND = 500


@dataclass
class Numbers:
    """permIds and the common part of execution ids.

    Attributes:
        started: seconds since 1970 when the gateway was started, by the machine's clock.
        perm_id: the last permId given out.
        execution: how many execution ids have been.
    """

    started: float
    perm_id: int = 0
    execution: int = 0

    def __post_init__(self) -> None:
        self.perm_id = self.perm_id or 1 + int(self.started * _PER_SECOND) % _LARGEST

    def next_perm_id(self) -> int:
        """An order's number for good; it fits into 31 bits."""
        self.perm_id += 1
        return self.perm_id

    def next_execution(self) -> str:
        """The part that the executions of a combination and of its legs have in common."""
        self.execution += 1
        return f"{int(self.started * 1000) % 2**32:08x}.{self.execution:08x}"


def execution_id(base: str, place: int, correction: int = 1) -> str:
    """An execution's id: 1 is the order's own contract, the legs of a combination follow."""
    return f"{base}.{place:02d}.{correction:02d}"
