"""How far a scan's figures are from those of libraries: run as a module it prints the table of the docs."""

import math
import os
from collections import defaultdict
from functools import cache
from pathlib import Path

from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking.ranking import Candidate
from scanner_server.strategies.registry import STRATEGIES
from tests.scanner_server import lean_day
from tests.scanner_server.market import Market
from tests.scanner_server.reference.libraries import GREEKS, computed

TIMES = (10.0, 11.0, 12.5)
GROUPS: dict[str, tuple[str, ...]] = {
    "largest profit and loss": ("max_profit", "max_loss"),
    "breakevens": (),
    "probability of profit": ("probability_of_profit",),
    "expected values": ("expected_value", "expected_gain", "expected_loss", "average_gain"),
    "Greeks": GREEKS,
    "implied volatility": ("sold_implied_volatility", "bought_implied_volatility"),
}
# The heart of the chain, where every strategy has hundreds of candidates and none has millions.
STRIKES = Range(720, 780)
OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")} | {"strike": STRIKES}
PER_SCAN = 12

Errors = dict[str, float]


@cache
def market_at(hour: float) -> Market:
    """GOOG at an hour of its day: the whole chain where SPREADMESH_LEAN_DATA names a LEAN folder."""
    own = Path(__file__).parents[2] / "data" / "lean"
    folder = Path(os.environ.get("SPREADMESH_LEAN_DATA", own))
    return Market(*lean_day.load(folder, "goog", "20151224", hour))


def sample(strategy: str, hour: float) -> list[Candidate]:
    """Every so-manieth of the best thousand candidates of a scan."""
    spec = ScanSpec(strategies=(strategy,), ranges=OPEN, include_undefined_risk=True, limit=1000)
    candidates = market_at(hour).scan(spec).candidates
    return list(candidates[:: max(len(candidates) // PER_SCAN, 1)])


def errors(candidate: Candidate, market: Market) -> Errors:
    """The worst error per group, relative to figures above 1."""
    contracts = [*market.options, market.share]
    legs = [(q, contracts[row]) for q, row in zip(candidate.quantities, candidate.rows, strict=True)]
    own = {int(market.chain.expiration[row]) for row in candidate.rows if row < len(market.options)}
    expected, edges = computed(legs, [market.expiries[e] for e in sorted(own)])
    found = dict(zip(FIGURE_NAMES, candidate.figures.tolist(), strict=True))
    worst = {
        group: max((distance(found[name], expected[name]) for name in names), default=0.0)
        for group, names in GROUPS.items()
    }
    same_count = len(candidate.breakevens) == len(edges)
    pairs = zip(candidate.breakevens, edges, strict=same_count)
    worst["breakevens"] = max((distance(a, b) for a, b in pairs), default=0.0) if same_count else math.inf
    return worst


def distance(found: float, expected: float) -> float:
    if found == expected or (math.isnan(found) and math.isnan(expected)):
        return 0.0
    error = abs(found - expected) / max(1.0, abs(expected))
    return error if not math.isnan(error) else math.inf


def worst_of(strategy: str, hour: float) -> tuple[int, Errors]:
    """How many candidates were compared, and the worst error per group."""
    candidates = sample(strategy, hour)
    found = [errors(candidate, market_at(hour)) for candidate in candidates]
    return len(found), {group: max((e[group] for e in found), default=0.0) for group in GROUPS}


def main() -> None:
    """Print the table, a line per family of strategies."""
    count: dict[str, int] = defaultdict(int)
    worst: dict[str, Errors] = defaultdict(lambda: dict.fromkeys(GROUPS, 0.0))
    for strategy in STRATEGIES:
        for hour in TIMES:
            compared, found = worst_of(strategy.name, hour)
            count[strategy.family] += compared
            of = worst[strategy.family]
            of.update({group: max(of[group], found[group]) for group in GROUPS})
    print("| strategy | candidates |", " | ".join(GROUPS), "|")
    print("|---|---|" + "---|" * len(GROUPS))
    for family, found in worst.items():
        print(f"| {family} | {count[family]} |", " | ".join(f"{e:.0e}" for e in found.values()), "|")


if __name__ == "__main__":
    main()
