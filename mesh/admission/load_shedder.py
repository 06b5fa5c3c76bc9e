"""Load shedding: refusing some calls at once, so that the others are answered in time."""

from collections import Counter

from mesh.admission.priorities import Priority
from mesh.admission.queue_delay import QueueDelay
from mesh.methods import MethodTable


class LoadShedder:
    """Decides by the calls of a method that run and by how late the event loop runs.

    Each method has a count of its own, so reads never take the places of orders; lateness never refuses
    what is critical. Belongs to one event loop.
    """

    def __init__(
        self, priorities: MethodTable[Priority], calls: MethodTable[float], late_seconds: float
    ) -> None:
        """Shed NORMAL calls while the loop is `late_seconds` behind, BACKGROUND ones at half of that."""
        self._priorities = priorities
        self._calls = calls
        self._running: Counter[str] = Counter()
        self._delays = {
            Priority.NORMAL: QueueDelay(late_seconds),
            Priority.BACKGROUND: QueueDelay(late_seconds / 2),
        }

    def __repr__(self) -> str:
        return f"<LoadShedder running={self._running.total()} {self._delays[Priority.NORMAL]!r}>"

    def observe(self, delay_seconds: float, now: float) -> None:
        """Note how late the event loop ran at `now`, in its own seconds."""
        for delay in self._delays.values():
            delay.observe(delay_seconds, now)

    def is_late_for(self, method: str) -> bool:
        """Whether the server is too late for a call of the method's priority."""
        delay = self._delays.get(self._priorities[method])
        return delay is not None and delay.overloaded

    def most(self, method: str) -> float:
        """Calls of the method that may run at once, from all clients together."""
        return self._calls[method]

    def try_begin(self, method: str) -> bool:
        """Count one more running call, unless as many run as may; what was counted must be ended."""
        if self._running[method] >= self._calls[method]:
            return False
        self._running[method] += 1
        return True

    def end(self, method: str) -> None:
        """Count one less."""
        self._running[method] -= 1
