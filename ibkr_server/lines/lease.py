"""A contract that is wanted, and what has become of it."""

from dataclasses import dataclass, field
from enum import Enum


class LeaseState(Enum):
    """What has become of a contract that is wanted."""

    WAITING = "waiting"
    STREAMING = "streaming"
    UNKNOWN_CONTRACT = "unknown contract"
    NOT_PERMITTED = "not permitted"


@dataclass(slots=True)
class Lease:
    """One contract: its owners with their priorities, and since when (host seconds) it is in its state.

    `quoted`: a quote has come over the line it has now; `looked_at`: it has had a turn before.
    """

    con_id: int
    since: float
    state: LeaseState = LeaseState.WAITING
    owners: dict[str, int] = field(default_factory=dict)
    unowned_since: float | None = None
    quoted: bool = False
    looked_at: bool = False
    reason: str = ""

    @property
    def priority(self) -> int:
        """The highest among its owners; −1 without one."""
        return max(self.owners.values(), default=-1)
