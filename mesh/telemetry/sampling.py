"""Which batches and calls get a span, where one for each would cost more than the work itself."""

import random
import time
from collections.abc import Callable

from mesh.admission.token_bucket import TokenBucket


class BatchSampler:
    """Takes the batches already traced, the late ones, and a share of the rest."""

    def __init__(
        self, ratio: float, objective_seconds: float, *, chance: Callable[[], float] = random.random
    ) -> None:
        """Take `ratio` of the batches that are neither traced nor older than `objective_seconds`."""
        self._ratio = ratio
        self._objective_seconds = objective_seconds
        self._chance = chance

    def wants(self, age_seconds: float = 0.0, carried: bytes = b"") -> bool:
        """Whether to trace a batch, from the age of its oldest update and the context in its header."""
        return bool(carried) or age_seconds > self._objective_seconds or self._chance() < self._ratio


class CallSampler:
    """Takes as many calls per second as do not cost much, which is all of them where calls are few."""

    def __init__(
        self, per_second: float, objective_seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take up to `per_second` calls, those of a second at once; late is past `objective_seconds`."""
        self._budget = TokenBucket(per_second, max(1.0, per_second))
        self._objective_seconds = objective_seconds
        self._clock = clock

    def wants(self) -> bool:
        """Whether to trace a call that begins."""
        return self._budget.acquire(self._clock()) == 0.0

    def is_late(self, seconds: float) -> bool:
        """Whether a call has taken longer than it should."""
        return seconds > self._objective_seconds
