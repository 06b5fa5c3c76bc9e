"""The answer to a scan."""

from dataclasses import dataclass

from scanner_server.columns import Floats
from scanner_server.figures.table import FIGURE_INDEX


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One spread and everything that explains its place.

    Attributes:
        strategy: name of the strategy.
        rows: rows of the chain, by ascending strike.
        quantities: contracts per leg; negative = sold.
        breakevens: share prices at which the profit at expiration changes sign, ascending.
        figures: values in the order of `FIGURES`; NaN = absent.
        score: 0 to 1.
        parts: score components in the order of `COMPONENTS`, each 0 to 1.
        quote_ages: seconds, per leg.
    """

    strategy: str
    rows: tuple[int, ...]
    quantities: tuple[int, ...]
    breakevens: tuple[float, ...]
    figures: Floats
    score: float
    parts: Floats
    quote_ages: tuple[float, ...]

    def figure(self, name: str) -> float:
        """One figure by name; NaN = absent.

        Raises:
            KeyError: no figure has this name.
        """
        return float(self.figures[FIGURE_INDEX[name]])


@dataclass(frozen=True, slots=True)
class Counts:
    """What a ranking stands on.

    Attributes:
        contracts_asked: contracts that the rights, expirations, days and strikes of the spec ask for.
        contracts_quoted: those of them that have had any update of their quote.
        legs_turned_away: contracts by the first leg filter that turns them away, in its order.
        formed: candidates formed of the legs left.
        turned_away: candidates by the first filter that turns them away, in its order.
        qualified: candidates that passed every filter.
    """

    contracts_asked: int
    contracts_quoted: int
    legs_turned_away: dict[str, int]
    formed: int
    turned_away: dict[str, int]
    qualified: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first, and what they stand on.

    Attributes:
        surface_number: the surface they were computed on.
        market_time: unix seconds of market time.
        candidates: at most `limit`.
        counts: what was asked, formed and turned away.
    """

    surface_number: int
    market_time: float
    candidates: tuple[Candidate, ...]
    counts: Counts
