"""Limits on requests for historical data, as the gateway enforces them.

https://interactivebrokers.github.io/tws-api/historical_limitations.html: bars of 30 seconds and less may not
be asked for more than 60 times in ten minutes, nor the same ones within 15 seconds, nor one contract,
exchange and kind of data six times within two seconds; BID_ASK counts twice.
"""

from collections import deque
from collections.abc import Hashable

SMALL_BAR_SECONDS = 30
MOST_AT_ONCE = 50
_WINDOW_SECONDS, _MOST_IN_WINDOW = 600.0, 60
_IDENTICAL_SECONDS = 15.0
_BURST_SECONDS, _BURST = 2.0, 6


class Pacing:
    """Remembers the requests for small bars of the last ten minutes, over all clients."""

    def __init__(self) -> None:
        self._admitted: deque[tuple[float, Hashable, Hashable]] = deque()

    def admit(self, now: float, request: Hashable, data: Hashable, weight: int = 1) -> bool:
        """Whether a request at ``now`` (monotonic seconds) keeps the limits; only then it is counted.

        ``request`` is all of it, ``data`` its contract, exchange and kind of data.
        """
        while self._admitted and now - self._admitted[0][0] >= _WINDOW_SECONDS:
            self._admitted.popleft()
        identical = any(one == request and now - when < _IDENTICAL_SECONDS for when, one, _ in self._admitted)
        burst = sum(one == data and now - when < _BURST_SECONDS for when, _, one in self._admitted)
        if identical or burst >= _BURST - 1 or len(self._admitted) + weight > _MOST_IN_WINDOW:
            return False
        self._admitted.extend([(now, request, data)] * weight)
        return True
