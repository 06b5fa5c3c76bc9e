"""What a picture of a spread's profit shows, however it is drawn."""

import math
from dataclasses import dataclass
from typing import Final

from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Surface

from spreadmesh_client.payoff.curve import Curve
from spreadmesh_client.payoff.spread import at_expiration, is_share, today

# Share prices that are likely reached: so many expected moves to either side.
_MOVES: Final = 2.0
_WITHOUT_MOVE: Final = 0.1
_MARGIN: Final = 0.08


@dataclass(frozen=True)
class PayoffChart:
    """Curves over a range of share prices; prices in USD per share.

    Attributes:
        at_expiration: at the nearest expiration; None where a later leg can't be priced.
        today: None where a leg has no implied volatility.
        expiration: the nearest, YYYY-MM-DD.
        low: where the range begins.
        high: where it ends.
        spot: share price.
        strikes: ascending, each once.
        breakevens: ascending, of the nearest expiration.
    """

    at_expiration: Curve | None
    today: Curve | None
    expiration: str
    low: float
    high: float
    spot: float
    strikes: tuple[float, ...]
    breakevens: tuple[float, ...]

    def prices(self, count: int) -> list[float]:
        """Share prices in equal steps, at least two, with both ends."""
        step = (self.high - self.low) / (count - 1)
        return [self.low + step * index for index in range(count)]


def payoff_chart(candidate: Candidate, surface: Surface) -> PayoffChart:
    """The chart of a candidate: two expected moves, and every strike and breakeven, with a margin."""
    strikes = tuple(sorted({leg.strike for leg in candidate.legs if not is_share(leg)}))
    breakevens = tuple(candidate.breakevens)
    known = candidate.HasField("expected_move") and math.isfinite(candidate.expected_move)
    reach = _MOVES * candidate.expected_move if known else _WITHOUT_MOVE * surface.spot
    shown = [surface.spot - reach, surface.spot + reach, *strikes, *breakevens]
    margin = _MARGIN * (max(shown) - min(shown))
    return PayoffChart(
        at_expiration=at_expiration(candidate, surface),
        today=today(candidate, surface),
        expiration=candidate.expiration,
        low=max(min(shown) - margin, 0.0),
        high=max(shown) + margin,
        spot=surface.spot,
        strikes=strikes,
        breakevens=breakevens,
    )
