"""How often history may be asked for, apart from the pace of messages.

IB's limits: at most 60 requests within ten minutes, no identical one within 15 seconds, fewer than six for
the same contract, exchange and tick type within two seconds, at most 50 open at once. IB enforces all but the
last for bars of 30 seconds and less, and asks for moderation with longer ones. Here they hold for all.
Source: https://interactivebrokers.github.io/tws-api/historical_limitations.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ibkr_server.history.bars import HistoryQuery

WINDOW_SECONDS, MOST_IN_WINDOW = 600.0, 60
IDENTICAL_SECONDS = 15.0
BURST_SECONDS, MOST_IN_BURST = 2.0, 5
MOST_OPEN = 50
VIOLATION_SECONDS = 15.0
"""How long to keep quiet after the gateway has complained: other programs of the login count as well."""


@dataclass(slots=True, eq=False)
class Sent:
    """A request that counts; `ended` is when it was answered or given up, in monotonic seconds."""

    query: HistoryQuery
    ended: float = math.inf


class HistoryPacing:
    """Counts each request from its sending until a whole window after its end.

    The gateway reads it somewhere in between, so the limits hold in its own count however long the way is.
    Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._sent: list[Sent] = []
        self._quiet_until = -math.inf

    def __repr__(self) -> str:
        return f"<HistoryPacing {len(self._sent)} of {MOST_IN_WINDOW}>"

    def delay(self, query: HistoryQuery, now: float) -> float:
        """Seconds until a request may be sent; infinite where another one has to end first."""
        identical = [sent for sent in self._sent if sent.query == query]
        series = [sent for sent in self._sent if sent.query.series == query.series]
        still_open = [sent for sent in self._sent if sent.ended == math.inf]
        free_at = max(
            self._quiet_until,
            _room(self._sent, WINDOW_SECONDS, MOST_IN_WINDOW),
            _room(identical, IDENTICAL_SECONDS, 1),
            _room(series, BURST_SECONDS, MOST_IN_BURST),
            _room(still_open, 0.0, MOST_OPEN),
        )
        return max(0.0, free_at - now)

    def send(self, query: HistoryQuery, now: float) -> Sent:
        """Count a request that is sent now; whoever sends it sets its end."""
        sent = Sent(query)
        self._sent = [one for one in self._sent if one.ended > now - WINDOW_SECONDS] + [sent]
        return sent

    def violated(self, now: float) -> None:
        """The gateway has complained."""
        self._quiet_until = now + VIOLATION_SECONDS


def _room(sent: Sequence[Sent], seconds: float, most: int) -> float:
    """From when fewer than `most` of them count, if each does until so long after its end."""
    if len(sent) < most:
        return -math.inf
    return sorted(one.ended for one in sent)[-most] + seconds
