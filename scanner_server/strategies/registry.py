"""The strategies that a scan can be asked for."""

from collections.abc import Iterable

from scanner_server.strategies.iron_condor import IRON_CONDORS
from scanner_server.strategies.strategy import Strategy
from scanner_server.strategies.vertical import VERTICALS

STRATEGIES: tuple[Strategy, ...] = VERTICALS + IRON_CONDORS


def resolve(names: Iterable[str]) -> tuple[Strategy, ...]:
    """Strategies by name or family, each once, in the order of `STRATEGIES`.

    Raises:
        KeyError: a name that is neither.
    """
    asked = set(names)
    for name in asked:
        if not any(name in {strategy.name, strategy.family} for strategy in STRATEGIES):
            raise KeyError(name)
    return tuple(strategy for strategy in STRATEGIES if asked & {strategy.name, strategy.family})
