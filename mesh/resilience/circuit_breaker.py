"""Circuit breaker: a memory of failures, so that a server that fails is left alone for a moment.

Nygard, "Release It!" (2007), with the failure ratio over a sliding window that today's libraries use.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mesh.resilience.failure_window import FailureWindow


class State(Enum):
    """Whether calls are sent."""

    CLOSED = "closed"
    """All of them."""
    OPEN = "open"
    """None, for `open_seconds`."""
    HALF_OPEN = "half-open"
    """A few, whose outcome decides."""


@dataclass(frozen=True)
class BreakerPolicy:
    """When a circuit opens and closes."""

    window_seconds: float = 10.0
    least_calls: int = 10
    """Calls in the window below which their outcome says nothing."""
    failure_ratio: float = 0.5
    open_seconds: float = 1.0
    probes: int = 3
    """Calls sent half-open; when all of them have succeeded, the circuit closes."""


DEFAULT_POLICY: Final = BreakerPolicy()


class CircuitBreaker:
    """The circuit of one method. Each call that `acquire` lets go must be settled once, with the generation.

    closed -> open: at least `least_calls` ended in the window, `failure_ratio` of them or more failed.
    open -> half-open: `open_seconds` later, at the next call.
    half-open -> closed after `probes` successes, -> open at the first failure; probes that have no answer for
        a whole window make room for others.
    """

    def __init__(self, policy: BreakerPolicy = DEFAULT_POLICY) -> None:
        self._policy = policy
        self._window = FailureWindow(policy.window_seconds)
        self._state = State.CLOSED
        self._entered_at = 0.0
        self._probing = 0
        self._succeeded = 0
        self.generation = 0
        """Changes with each change of state: the outcome of a call from before is no news."""
        self.last_failure = ""
        self.times_opened = 0

    def __repr__(self) -> str:
        window = self._window
        detail = {
            State.CLOSED: f"{window.failures}/{window.calls} failed",
            State.OPEN: f"for {self._policy.open_seconds:g} s",
            State.HALF_OPEN: f"{self._probing} probing, {self._succeeded}/{self._policy.probes} succeeded",
        }
        return (
            f"<CircuitBreaker {self._state.value}, {detail[self._state]}, opened {self.times_opened} times>"
        )

    @property
    def state(self) -> State:
        """As of the last call; an open circuit lets probes go once its time is over."""
        return self._state

    def acquire(self, now: float) -> float:
        """0.0 where a call may be sent at `now`, in monotonic seconds; else the seconds to wait."""
        policy = self._policy
        if self._state is State.OPEN:
            wait = self._entered_at + policy.open_seconds - now
            if wait > 0:
                return wait
            self._enter(State.HALF_OPEN, now)
        if self._state is State.HALF_OPEN:
            return self._probe(now)
        return 0.0

    def succeed(self, generation: int, now: float) -> None:
        """A call was answered, be it with a refusal that is no failure."""
        if generation != self.generation:
            return
        if self._state is State.CLOSED:
            self._window.record(False, now)
            return
        self._probing -= 1
        self._succeeded += 1
        if self._succeeded >= self._policy.probes:
            self._enter(State.CLOSED, now)

    def fail(self, generation: int, now: float, reason: str) -> None:
        """A call failed, for a `reason` that refusals will quote."""
        if generation != self.generation:
            return
        self.last_failure = reason
        if self._state is State.CLOSED:
            self._window.record(True, now)
            if not self._fails_too_often():
                return
        self.times_opened += 1
        self._enter(State.OPEN, now)

    def abandon(self, generation: int) -> None:
        """A call ended without saying anything about the server: its caller cancelled it."""
        if generation == self.generation and self._state is State.HALF_OPEN:
            self._probing -= 1

    def _fails_too_often(self) -> bool:
        calls, failures = self._window.calls, self._window.failures
        return calls >= self._policy.least_calls and failures >= self._policy.failure_ratio * calls

    def _probe(self, now: float) -> float:
        if self._probing + self._succeeded >= self._policy.probes:
            wait = self._entered_at + self._policy.window_seconds - now
            if wait > 0:
                return min(wait, self._policy.open_seconds)
            self._enter(State.HALF_OPEN, now)
        self._probing += 1
        return 0.0

    def _enter(self, state: State, now: float) -> None:
        self._state = state
        self._entered_at = now
        self.generation += 1
        self._probing = self._succeeded = 0
        self._window.clear()
