"""The budgets of many clients, of whom those unseen for longest are forgotten."""

from collections import Counter, OrderedDict
from typing import Final

from mesh.admission.rates import Rate, RateLimit
from mesh.methods import MethodTable

MOST_TRACKED: Final = 4096


class RateLimits:
    """A rate limit for each client and method.

    Bounded: past `most_tracked` the pair unseen for longest is dropped, and starts afresh when it returns.
    """

    def __init__(self, rates: MethodTable[Rate], most_tracked: int = MOST_TRACKED) -> None:
        self._rates = rates
        self._most = most_tracked
        self._limits: OrderedDict[tuple[str, str], RateLimit] = OrderedDict()

    def __repr__(self) -> str:
        return f"<RateLimits tracked={len(self._limits)}/{self._most}>"

    def rate(self, method: str) -> Rate:
        """What each client may do."""
        return self._rates[method]

    def of(self, client: str, method: str) -> RateLimit:
        """The client's own budget."""
        key = client, method
        limit = self._limits.get(key)
        if limit is not None:
            self._limits.move_to_end(key)
            return limit
        limit = self._limits[key] = self._rates[method].start()
        if len(self._limits) > self._most:
            self._limits.popitem(last=False)
        return limit


class StreamQuotas:
    """How many streams of a method each client holds open; only open streams take memory."""

    def __init__(self, quotas: MethodTable[float]) -> None:
        self._quotas = quotas
        self._open: Counter[tuple[str, str]] = Counter()

    def __repr__(self) -> str:
        return f"<StreamQuotas open={self._open.total()} clients={len({client for client, _ in self._open})}>"

    def quota(self, method: str) -> float:
        """Streams that each client may hold open."""
        return self._quotas[method]

    def try_open(self, client: str, method: str) -> bool:
        """Count one more, unless the client has as many as it may; what was counted must be closed."""
        key = client, method
        if self._open[key] >= self._quotas[method]:
            return False
        self._open[key] += 1
        return True

    def close(self, client: str, method: str) -> None:
        """Count one less."""
        key = client, method
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]
