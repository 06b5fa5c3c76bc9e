"""Strategies of other distributions: found by their entry points, and refused whole where one is wrong."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from scanner_server.strategies.plugins import GROUP, UnusableStrategy, plugged_in
from scanner_server.strategies.registry import STRATEGIES
from scanner_server.strategies.strategy import Strategy
from scanner_server.strategies.trial import try_out
from tests.scanner_server.strategies.distributions import install

# Guts: a call below a put. Each test changes something.
SOURCE = """
import numpy as np
from dataclasses import replace
from scanner_server.strategies.joining import Steps, above, everything, join, later, level, single
from scanner_server.strategies.strategy import Leg, Plateau, Strategy

def strategy(name="guts", family="guts", description="Both in the money.", kinds="CP", sides=(1, 1),
             steps=Steps((above,)), form=None, count=None, sold_for_credit=False):
    legs = tuple(Leg(kind, side) for kind, side in zip(kinds, sides))
    return Strategy(name, family, description, legs, form or steps.form, count, sold_for_credit)

def changed(change):
    return strategy(form=lambda pools: (change(block) for block in Steps((above,)).form(pools)))

def only_the_widest(pools):
    for block in Steps((above,)).form(pools):
        distance = pools.key[block[:, 1]] - pools.key[block[:, 0]]
        yield block[distance == distance.max()]

def two(pools):
    return join(single(pools.legs[0]), single(pools.legs[1]), later(pools.keys(0), pools.keys(1)))

def three(pools):
    for pairs in two(pools):
        yield from join(pairs, single(pools.legs[2]), later(pools.key[pairs[:, 1]], pools.keys(2)))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def found() -> tuple[Strategy, ...]:
    return plugged_in(entry_points(group=GROUP), STRATEGIES)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_those_built_in_pass_the_trial(strategy: Strategy) -> None:
    try_out(strategy)


def test_one_or_several_are_found_in_a_fixed_order(folder: Path) -> None:
    install(folder, "b-spreads", {"guts": "b_spreads:IT"}, b_spreads=f"{SOURCE}\nIT = strategy()\n")
    short = 'strategy("short_two", "two", sides=(-1, -1), steps=Steps((level,)), sold_for_credit=True)'
    several = f'IT = (strategy("two", "two", steps=Steps((level,))), {short})'
    install(folder, "a-spreads", {"two": "a_spreads:IT"}, a_spreads=f"{SOURCE}\n{several}\n")
    assert [strategy.name for strategy in found()] == ["two", "short_two", "guts"]


def test_nothing_is_found_where_nothing_is_installed(folder: Path) -> None:
    assert found() == ()


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("1 / 0", "it cannot be imported: ZeroDivisionError"),
        ("'guts'", "str is neither a Strategy nor a tuple of them"),
        ("[strategy()]", "list is neither a Strategy nor a tuple of them"),
        ("(strategy(), None)", "NoneType is neither"),
        ("strategy('Big Guts')", "'Big Guts' is not a name"),
        ("strategy(family='')", "'' is not a name"),
        ("strategy(description=' ')", "it has no description"),
        ("strategy('bull_call')", "the name 'bull_call' is taken by spreadmesh"),
        ("strategy('vertical')", "the name 'vertical' is taken by spreadmesh"),
        ("strategy(family='vertical')", "the name 'vertical' is taken by spreadmesh"),
        ("(strategy(), strategy())", "there are two strategies called 'guts'"),
        ("strategy(kinds='CCPPP', sides=(1,) * 5, steps=Steps((above,) * 4))", "it must have 1 to 4 legs"),
        ("strategy(kinds='', sides=())", "it must have 1 to 4 legs"),
        ("strategy(kinds='CX')", "a leg is of kind 'X'"),
        ("strategy(sides=(1, 0))", "a leg has the quantity 0"),
        ("strategy(sides=(1, 0.5))", "a leg has the quantity 0.5"),
        ("strategy(kinds='CS')", "the share must be the first leg"),
        ("strategy(kinds='S', sides=(1,))", "it has no option among its legs"),
        ("strategy(form=lambda pools: 1 / 0)", "does not form spreads: ZeroDivisionError"),
        ("changed(lambda block: block.astype(np.int64))", "C-contiguous int32 arrays of shape (b, 2)"),
        ("changed(lambda block: block[:, ::-1])", "C-contiguous int32 arrays of shape (b, 2)"),
        ("changed(lambda block: block[:, :1].copy())", "C-contiguous int32 arrays of shape (b, 2)"),
        ("changed(lambda block: block.tolist())", "C-contiguous int32 arrays of shape (b, 2)"),
        ("changed(lambda block: block + np.int32(1))", "is not from its pool"),
        ("changed(lambda block: block[:, ::-1].copy())", "leg 0 is not from its pool"),
        ("changed(lambda block: np.concatenate([block, block]))", "it forms a spread twice"),
        ("strategy(kinds='CC', steps=Steps((everything,)))", "legs must stand by expiration, then strike"),
        ("strategy(kinds='CC', steps=Steps((level,)))", "a spread has a contract twice"),
        ("strategy(kinds='CCC', sides=(1,) * 3, form=three)", "more than two expirations"),
        ("strategy(form=only_the_widest)", "a spread depends on contracts that are not its legs"),
        ("replace(strategy(), plateau=Plateau(0, 1))", "has a plateau, as only those built in may"),
        ("strategy(count=lambda pools: 7)", "it counts 7 spreads where it forms"),
        ("strategy(sold_for_credit=True)", "it is sold_for_credit and yet pays above zero"),
        ("strategy(kinds='CC', sides=(-1, 1), form=two, sold_for_credit=True)", "yet pays above zero"),
        ("strategy(kinds='SP', sides=(1, -1), steps=Steps((everything,)), sold_for_credit=True)", "yet pays"),
    ],
)
def test_what_cannot_be_scanned_for_is_refused_with_the_distribution_and_the_reason(
    folder: Path, request: pytest.FixtureRequest, expression: str, reason: str
) -> None:
    module = f"strange_spreads_{request.node.callspec.indices['expression']}"  # never imported before
    install(folder, "strange-spreads", {"it": f"{module}:IT"}, **{module: f"{SOURCE}\nIT = {expression}\n"})
    with pytest.raises(UnusableStrategy) as refusal:
        found()
    assert str(refusal.value).startswith(f"strange-spreads 1.0, entry point it = {module}:IT: ")
    assert reason in str(refusal.value)


def test_what_is_not_there_is_refused(folder: Path) -> None:
    install(folder, "gone-spreads", {"it": "gone_spreads:IT"})
    with pytest.raises(UnusableStrategy, match=r"gone-spreads 1\.0.*ModuleNotFoundError"):
        found()


def test_two_distributions_cannot_share_a_name(folder: Path) -> None:
    install(folder, "first-spreads", {"it": "first_spreads:IT"}, first_spreads=f"{SOURCE}\nIT = strategy()\n")
    other = f"{SOURCE}\nIT = strategy('other', 'guts')\n"
    install(folder, "other-spreads", {"it": "other_spreads:IT"}, other_spreads=other)
    with pytest.raises(UnusableStrategy, match=r"other-spreads 1\.0.*'guts' is taken by first-spreads 1\.0"):
        found()
