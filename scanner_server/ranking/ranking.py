"""The answer to a scan."""

from dataclasses import dataclass

from scanner_server.columns import Flags, Floats
from scanner_server.figures.table import FIGURE_INDEX


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One spread and everything that explains its place.

    Attributes:
        strategy: name of the strategy.
        rows: rows of the chain, by ascending strike.
        quantities: contracts per leg; negative = sold.
        breakevens: share prices at which the profit at expiration changes sign, ascending.
        figures: values in the order of `FIGURES`; NaN = absent. quote_age is that of the moment at which a
            leg was last quoted: see `age_at`.
        score: 0 to 1.
        parts: score components in the order of `COMPONENTS`, each 0 to 1.
        quote_times: market time of each leg's last update, unix seconds.
    """

    strategy: str
    rows: tuple[int, ...]
    quantities: tuple[int, ...]
    breakevens: tuple[float, ...]
    figures: Floats
    score: float
    parts: Floats
    quote_times: tuple[float, ...]

    def figure(self, name: str) -> float:
        """One figure by name; NaN = absent.

        Raises:
            KeyError: no figure has this name.
        """
        return float(self.figures[FIGURE_INDEX[name]])

    def age_at(self, market_time: float) -> float:
        """The age of the oldest leg's quote, seconds."""
        return max(market_time - min(self.quote_times), 0.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a ranking stands on.

    Attributes:
        contracts_asked: contracts that the rights, expirations, days and strikes of the spec ask for.
        contracts_quoted: those of them that have had any update of their quote.
        legs_turned_away: contracts by the first leg filter that turns them away, in its order.
        formed: candidates that the legs left make.
        turned_away: candidates looked at by the first filter that turns them away, in its order.
        pruned: candidates never looked at: a bound showed that they rank too low, or pass not every filter.
        qualified: candidates looked at that passed every filter.
    """

    contracts_asked: int
    contracts_quoted: int
    legs_turned_away: dict[str, int]
    formed: int
    turned_away: dict[str, int]
    pruned: int
    qualified: int


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Candidates, best first, and what they stand on.

    Attributes:
        surface_number: the surface they were computed on.
        market_time: unix seconds of market time.
        asked: contracts that the spec asks for; shape (n,).
        candidates: at most `limit`.
        counts: what was asked, formed and turned away.
    """

    surface_number: int
    market_time: float
    asked: Flags
    candidates: tuple[Candidate, ...]
    counts: Counts
