"""Strategies of other distributions, which name them as entry points of the group `spreadmesh.strategies`."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from typing import Any

from scanner_server.strategies.strategy import Strategy
from scanner_server.strategies.trial import try_out

GROUP = "spreadmesh.strategies"


class UnusableStrategy(Exception):  # noqa: N818 - reads as what it says
    """A distribution brings a strategy that cannot be scanned for."""


def plugged_in(points: Iterable[EntryPoint], built_in: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
    """The strategies that entry points name, by distribution and name of the entry point.

    An entry point is a `Strategy` or a tuple of them. Names and families of one distribution are no other's
    and none of those built in, so that no request means something else because of what is installed.

    Raises:
        UnusableStrategy: names the distribution and what is wrong with it.
    """
    owner_of = {word: "spreadmesh" for strategy in built_in for word in (strategy.name, strategy.family)}
    found: dict[str, Strategy] = {}
    for point in sorted(points, key=lambda point: (_distribution(point), point.name)):
        distribution = _distribution(point)
        for strategy in _strategies(point):
            for word in (strategy.name, strategy.family):
                owner = owner_of.setdefault(word, distribution)
                if owner != distribution:
                    raise _unusable(point, f"the name {word!r} is taken by {owner}")
            if strategy.name in found:
                raise _unusable(point, f"there are two strategies called {strategy.name!r}")
            found[strategy.name] = strategy
    return tuple(found.values())


def _strategies(point: EntryPoint) -> tuple[Strategy, ...]:
    try:
        loaded: Any = point.load()
    except Exception as error:  # whatever the code of others raises when it is imported
        raise _unusable(point, f"it cannot be imported: {type(error).__name__}: {error}") from error
    strategies = loaded if type(loaded) is tuple else (loaded,)
    for strategy in strategies:
        if not isinstance(strategy, Strategy):
            raise _unusable(point, f"{type(strategy).__name__} is neither a Strategy nor a tuple of them")
        if strategy.plateau is not None:  # spreads are left unseen on its word, which no trial can show
            raise _unusable(point, f"strategy {strategy.name!r} has a plateau, as only those built in may")
        try:
            try_out(strategy)
        except ValueError as error:
            raise _unusable(point, f"strategy {strategy.name!r}: {error}") from error
        except Exception as error:  # as above, when it is asked to form spreads
            raised = f"{type(error).__name__}: {error}"
            raise _unusable(point, f"strategy {strategy.name!r} does not form spreads: {raised}") from error
    return strategies


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"


def _unusable(point: EntryPoint, reason: str) -> UnusableStrategy:
    return UnusableStrategy(f"{_distribution(point)}, entry point {point.name} = {point.value}: {reason}")
