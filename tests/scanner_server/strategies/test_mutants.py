"""The check of enumerations fails on wrong ones: every strategy, spoilt in every way that applies to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from itertools import combinations
from pkgutil import iter_modules
from types import ModuleType

import numpy as np
import pytest

import scanner_server.strategies
from scanner_server.columns import Ints, Rows
from scanner_server.strategies import joining
from scanner_server.strategies.joining import Ranges, above, everything, later, level
from scanner_server.strategies.registry import STRATEGIES
from scanner_server.strategies.strategy import Pools, Strategy
from tests.scanner_server.strategies.pools import EVERY, check_enumeration, formed, pools

Blocks = Iterator[Rows]


# Mutations of what is formed.


def without_the_last_spread(blocks: Blocks) -> Blocks:
    *others, last = (block for block in blocks if len(block))
    yield from (*others, last[:-1])


def without_the_first_block(blocks: Blocks) -> Blocks:
    _, *others = (block for block in blocks if len(block))
    yield from others


def with_a_spread_twice(blocks: Blocks) -> Blocks:
    first, *others = (block for block in blocks if len(block))
    yield from (first, first[:1], *others)


def with_a_leg_of_the_next_row(blocks: Blocks) -> Blocks:
    first, *others = (block.copy() for block in blocks if len(block))
    first[0, -1] += 1
    yield from (first, *others)


def with_two_legs_swapped(one: int, other: int) -> Callable[[Blocks], Blocks]:
    def mutation(blocks: Blocks) -> Blocks:
        for block in blocks:
            swapped = block.copy()
            swapped[:, [one, other]] = block[:, [other, one]]
            yield swapped

    return mutation


OF_WHAT_IS_FORMED = {
    "last spread lost": without_the_last_spread,
    "first block lost": without_the_first_block,
    "spread twice": with_a_spread_twice,
    "leg of the next row": with_a_leg_of_the_next_row,
}

# Mutations of how legs are joined: (what is replaced, by what).


def above_or_level(left: Ints, right: Ints) -> Ranges:
    return Ranges(level(left, right).start, above(left, right).stop)


def above_in_any_expiration(left: Ints, right: Ints) -> Ranges:
    return Ranges(above(left, right).start, everything(left, right).stop)


def above_but_the_highest(left: Ints, right: Ints) -> Ranges:
    return Ranges(above(left, right).start, above(left, right).stop - 1)


def in_the_next_expiration(left: Ints, right: Ints) -> Ranges:
    return above(left + (1 << 32), right)


def level_or_above(left: Ints, right: Ints) -> Ranges:
    return Ranges(level(left, right).start, np.minimum(level(left, right).stop + 1, len(right)))


def level_in_the_next_expiration(left: Ints, right: Ints) -> Ranges:
    return level(left + (1 << 32), right)


def later_or_now(left: Ints, right: Ints) -> Ranges:
    return Ranges(above(left, right).start, later(left, right).stop)


def later_but_the_last(left: Ints, right: Ints) -> Ranges:
    return Ranges(later(left, right).start, later(left, right).stop - 1)


def everything_but_the_first(left: Ints, right: Ints) -> Ranges:
    return Ranges(everything(left, right).start + 1, everything(left, right).stop)


OF_JOINS = [
    ("above", above_or_level),
    ("above", above_in_any_expiration),
    ("above", above_but_the_highest),
    ("above", in_the_next_expiration),
    ("level", level_or_above),
    ("level", level_in_the_next_expiration),
    ("level", above),
    ("later", later_or_now),
    ("later", later_but_the_last),
    ("later", above),
    ("everything", everything_but_the_first),
]


def module_of(strategy: Strategy) -> ModuleType:
    """The module that declares a strategy."""
    package = scanner_server.strategies
    modules = (import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__))
    return next(
        module
        for module in modules
        if not module.__name__.endswith("registry")
        for value in vars(module).values()
        if isinstance(value, tuple) and strategy in value
    )


def executed_again(module: ModuleType, name: str) -> Strategy:
    """The strategy of a name, declared by the module's source as it reads its imports now."""
    spec = spec_from_file_location("mutant", module.__file__)
    assert spec is not None
    assert spec.loader is not None
    mutant = module_from_spec(spec)
    spec.loader.exec_module(mutant)
    declared = (value for value in vars(mutant).values() if isinstance(value, tuple))
    return next(
        strategy
        for of in declared
        for strategy in of
        if isinstance(strategy, Strategy) and strategy.name == name
    )


def assert_caught(mutant: Strategy, strategy: Strategy) -> None:
    rng = np.random.default_rng(1)
    some = [rng.random((2, len(EVERY))) < 0.8 for _ in range(8)]
    for of in (pools(strategy, longs, shorts) for longs, shorts in ((EVERY, EVERY), *some)):
        if sorted(formed(mutant, of)) != sorted(formed(strategy, of)):
            with pytest.raises(AssertionError):
                check_enumeration(mutant, of)
            return
    pytest.fail("the mutation changes nothing")


def mutations() -> Iterator[object]:
    for strategy in STRATEGIES:
        ways = dict(OF_WHAT_IS_FORMED)
        for one, other in combinations(range(len(strategy.legs)), 2):
            ways[f"legs {one} and {other} swapped"] = with_two_legs_swapped(one, other)
        yield from (pytest.param(strategy, way, id=f"{strategy.name}-{name}") for name, way in ways.items())


def mutations_of_joins() -> Iterator[object]:
    for strategy in STRATEGIES:
        module = module_of(strategy)
        for name, replacement in OF_JOINS:
            if name in vars(module):
                yield pytest.param(strategy, name, replacement, id=f"{strategy.name}-{replacement.__name__}")


@pytest.mark.parametrize(("strategy", "mutation"), list(mutations()))
def test_a_mutant_of_what_is_formed_is_caught(
    strategy: Strategy, mutation: Callable[[Blocks], Blocks]
) -> None:
    def form(of: Pools) -> Blocks:
        return mutation(strategy.form(of))

    assert_caught(replace(strategy, form=form), strategy)


@pytest.mark.parametrize(("strategy", "name", "replacement"), list(mutations_of_joins()))
def test_a_mutant_of_how_legs_are_joined_is_caught(
    strategy: Strategy, name: str, replacement: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, name, replacement)
    assert_caught(executed_again(module_of(strategy), strategy.name), strategy)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_a_wrong_count_is_caught(strategy: Strategy) -> None:
    of = pools(strategy, EVERY, EVERY)
    assert strategy.count is not None
    number = strategy.count(of)
    with pytest.raises(AssertionError):
        check_enumeration(replace(strategy, count=lambda _: number + 1), of)
