"""Queue delay: a queue that never gets short is overload, one that is long for a moment is not."""

from typing import Final

INTERVAL_SECONDS: Final = 0.5


class QueueDelay:
    """Overloaded once every delay seen over a whole interval was above the target.

    One short delay ends it. This is the state that CoDel watches, with refusal in place of its drops
    (Nichols and Jacobson, "Controlling queue delay", ACM Queue 10(5), 2012).
    """

    def __init__(self, target_seconds: float, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._target = target_seconds
        self._interval = interval_seconds
        self._late_since: float | None = None
        self._overloaded = False

    def __repr__(self) -> str:
        state = "overloaded" if self._overloaded else "on time" if self._late_since is None else "late"
        return f"<QueueDelay {state}, target {self._target:g} s>"

    @property
    def overloaded(self) -> bool:
        """Whether the last interval had no delay at or below the target."""
        return self._overloaded

    def observe(self, delay_seconds: float, now: float) -> None:
        """Note how late something ran that was due at `now - delay_seconds`."""
        if delay_seconds <= self._target:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
        self._overloaded = self._late_since is not None and now - self._late_since >= self._interval
