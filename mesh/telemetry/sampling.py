"""Which batches and calls get a span, where one for each would cost more than the work itself."""

import math
import random
import time
from collections.abc import Callable
from typing import Final

from mesh.admission.token_bucket import TokenBucket

TRACED_EVERY_SECONDS: Final = 1.0


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


class StreamSampler:
    """Of one stream, what a `BatchSampler` takes, and at least one batch every so many seconds.

    So whatever is decided on the quotes of a stream can be traced to a batch that is not much older.
    """

    def __init__(
        self,
        batches: BatchSampler,
        every_seconds: float = TRACED_EVERY_SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The first batch is taken."""
        self._batches = batches
        self._every_seconds = every_seconds
        self._clock = clock
        self._due_at = -math.inf

    def wants(self, age_seconds: float = 0.0) -> bool:
        """Whether to trace the next batch, from the age of its oldest update."""
        now = self._clock()
        if now < self._due_at and not self._batches.wants(age_seconds):
            return False
        self._due_at = now + self._every_seconds
        return True


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
