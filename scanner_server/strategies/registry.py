"""The strategies that a scan can be asked for."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points

from scanner_server.strategies.butterfly import BUTTERFLIES
from scanner_server.strategies.calendar import CALENDARS
from scanner_server.strategies.cash_secured_put import CASH_SECURED_PUTS
from scanner_server.strategies.collar import COLLARS
from scanner_server.strategies.condor import CONDORS
from scanner_server.strategies.covered_call import COVERED_CALLS
from scanner_server.strategies.diagonal import DIAGONALS
from scanner_server.strategies.iron_butterfly import IRON_BUTTERFLIES
from scanner_server.strategies.iron_condor import IRON_CONDORS
from scanner_server.strategies.jade_lizard import JADE_LIZARDS
from scanner_server.strategies.plugins import GROUP, plugged_in
from scanner_server.strategies.protective_put import PROTECTIVE_PUTS
from scanner_server.strategies.ratio_spread import RATIO_SPREADS
from scanner_server.strategies.straddle import STRADDLES
from scanner_server.strategies.strangle import STRANGLES
from scanner_server.strategies.strategy import Strategy
from scanner_server.strategies.vertical import VERTICALS

# Those that come with the scanner.
STRATEGIES: tuple[Strategy, ...] = (
    *VERTICALS,
    *IRON_CONDORS,
    *IRON_BUTTERFLIES,
    *BUTTERFLIES,
    *CONDORS,
    *STRADDLES,
    *STRANGLES,
    *CALENDARS,
    *DIAGONALS,
    *RATIO_SPREADS,
    *JADE_LIZARDS,
    *COVERED_CALLS,
    *PROTECTIVE_PUTS,
    *COLLARS,
    *CASH_SECURED_PUTS,
)


@cache
def every_strategy() -> tuple[Strategy, ...]:
    """`STRATEGIES`, then those of other distributions, found once.

    Raises:
        UnusableStrategy: another distribution's cannot be scanned for.
    """
    return STRATEGIES + plugged_in(entry_points(group=GROUP), STRATEGIES)


def resolve(names: Iterable[str]) -> tuple[Strategy, ...]:
    """Strategies by name or family, each once, in the order of `every_strategy`.

    Raises:
        KeyError: a name that is neither.
    """
    asked = set(names)
    for name in asked:
        if not any(name in {strategy.name, strategy.family} for strategy in every_strategy()):
            raise KeyError(name)
    return tuple(strategy for strategy in every_strategy() if asked & {strategy.name, strategy.family})
