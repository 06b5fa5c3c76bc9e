"""Which batches and calls get a span, where one for each would cost more than the work itself."""

import random
from collections.abc import Callable


class Sampler:
    """Takes what is traced already, what is late, and a share of the rest."""

    def __init__(
        self, ratio: float, objective_seconds: float, *, chance: Callable[[], float] = random.random
    ) -> None:
        """Take `ratio` of what is neither traced nor older than `objective_seconds`."""
        self._ratio = ratio
        self._objective_seconds = objective_seconds
        self._chance = chance

    def wants(self, age_seconds: float = 0.0, carried: bytes = b"") -> bool:
        """Whether to trace it, by its age (a batch's is its oldest update's) and the context it carries."""
        return bool(carried) or self.is_late(age_seconds) or self._chance() < self._ratio

    def is_late(self, age_seconds: float) -> bool:
        """Whether it took longer than it should."""
        return age_seconds > self._objective_seconds
