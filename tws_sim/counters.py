"""What the simulator counts, per client and in total."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tws_sim.rate import SlidingWindow

CLIENTS_REMEMBERED = 256


@dataclass
class Counters:
    """Plain integers of one client, or of all."""

    messages_received: int = 0
    ticks_sent: int = 0
    ticks_conflated: int = 0
    lines_in_use: int = 0
    max_lines_in_use: int = 0
    connections: int = 0
    errors: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    rate: SlidingWindow = field(default_factory=SlidingWindow)

    def message(self, now: float) -> None:
        """A message arrived at ``now`` (monotonic seconds)."""
        self.messages_received += 1
        self.rate.add(now)

    def lines(self, change: int) -> None:
        """``change`` market data lines were opened (or, negative, freed)."""
        self.lines_in_use += change
        self.max_lines_in_use = max(self.max_lines_in_use, self.lines_in_use)

    def absorb(self, before: "Counters") -> None:
        """Add the messages of a connection's opening, counted before its client id was known."""
        self.messages_received += before.messages_received
        before.rate.maximum = max(self.rate.maximum, before.rate.maximum)
        self.rate = before.rate

    def as_dict(self) -> dict[str, Any]:
        """The figures under the names of docs/tws-sim.md."""
        return {
            "messages_received": self.messages_received,
            "max_messages_per_second": self.rate.maximum,
            "lines_in_use": self.lines_in_use,
            "max_lines_in_use": self.max_lines_in_use,
            "ticks_sent": self.ticks_sent,
            "ticks_conflated": self.ticks_conflated,
            "connections": self.connections,
            "errors": {str(code): count for code, count in sorted(self.errors.items())},
            "faults": dict(sorted(self.faults.items())),
        }


class CounterBook:
    """The counters of every client id, kept after the client has gone, and their total."""

    def __init__(self) -> None:
        self.total = Counters()
        self._clients: dict[int, Counters] = {}

    def connected(self, client_id: int) -> Counters:
        """Counters of a client id that has just connected; the oldest ids are forgotten beyond a bound."""
        counters = self._clients.pop(client_id, None) or Counters()
        self._clients[client_id] = counters
        while len(self._clients) > CLIENTS_REMEMBERED:
            del self._clients[next(iter(self._clients))]
        counters.connections += 1
        self.total.connections += 1
        return counters

    def fault(self, name: str, client_id: int | None) -> None:
        """A fault was injected, for one client id or for all."""
        self.total.faults[name] += 1
        if client_id in self._clients:
            self._clients[client_id].faults[name] += 1

    def as_dict(self) -> dict[str, Any]:
        """``{"total": {...}, "clients": {"<client id>": {...}}}``."""
        return {
            "total": self.total.as_dict(),
            "clients": {str(client): counters.as_dict() for client, counters in self._clients.items()},
        }
