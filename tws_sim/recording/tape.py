"""The ticks of one contract in the order and at the times at which they were recorded."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

# A client that comes no later than this after the recorded one gets every tick, those before it at once.
GRACE_SECONDS = 2.0


class Entry(NamedTuple):
    """One message for a request; ``place`` is where its request id stands."""

    seconds: float
    fields: tuple[str, ...]
    place: int

    def for_request(self, request_id: int) -> list[str]:
        """The fields under another request id."""
        return [*self.fields[: self.place], str(request_id), *self.fields[self.place + 1 :]]

    @property
    def kind(self) -> tuple[str, str]:
        """Message and tick type: a later entry of a kind replaces an earlier one."""
        following = self.fields[self.place + 1 : self.place + 2]
        return self.fields[0], following[0] if following and self.fields[0] in _TYPED else ""


_TYPED = {"1", "2", "21", "45", "46"}


@dataclass
class Take:
    """One recorded subscription: from the request to its cancellation, or to the end."""

    start: float
    snapshot: bool
    end: float = float("inf")
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Tape:
    """Takes that do not overlap, oldest first."""

    takes: list[Take] = field(default_factory=list)

    def add(self, take: Take) -> None:
        """Append a take unless another one runs at its start."""
        if not self.takes or self.takes[-1].end <= take.start:
            self.takes.append(take)

    def since(self, start: float, end: float) -> list[Entry]:
        """Entries after ``start`` up to ``end``."""
        return [
            entry
            for take in self.takes
            if take.entries and take.start <= end and take.entries[-1].seconds > start
            for entry in take.entries[_after(take, start) : _after(take, end)]
        ]

    def opening(self, now: float) -> list[Entry]:
        """What a client that subscribes now is sent at once: the latest of every kind; all within grace."""
        begun = [take for take in self.takes if take.start <= now]
        if begun and now - begun[-1].start <= GRACE_SECONDS:
            return begun[-1].entries[: _after(begun[-1], now)]
        latest: dict[tuple[str, str], Entry] = {}
        for entry in self.since(float("-inf"), now):
            latest.pop(entry.kind, None)
            latest[entry.kind] = entry
        return list(latest.values())


def _after(take: Take, seconds: float) -> int:
    return bisect_right(take.entries, seconds, key=lambda entry: entry.seconds)
