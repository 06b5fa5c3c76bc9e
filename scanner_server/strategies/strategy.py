"""What a strategy is: names, quantities, and an enumeration of leg rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanner_server.columns import Floats, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The contracts of one right of one expiration that passed the leg filters.

    Attributes:
        longs: rows that may be bought, by ascending strike.
        shorts: rows that may be sold, by ascending strike.
    """

    longs: Rows
    shorts: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What a strategy draws its legs from, in one expiration.

    Attributes:
        calls: eligible calls.
        puts: eligible puts.
        strike: strike of every row of the chain, USD per share; shape (n,).
    """

    calls: Side
    puts: Side
    strike: Floats


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy of one expiration.

    Attributes:
        name: as requests and answers spell it.
        family: the name that stands for this strategy and its siblings.
        description: one sentence.
        rights: rights of its legs, by ascending strike: "C" or "P" each.
        quantities: contracts per leg, in the same order; negative = sold.
        sold_for_credit: its payoff is nowhere above zero, so that it earns only what it is sold for.
        blocks: yields leg rows, shape (b, legs) with b bounded, strikes ascending within a row.
        count: how many candidates `blocks` yields, without forming them.
    """

    name: str
    family: str
    description: str
    rights: str
    quantities: tuple[int, ...]
    sold_for_credit: bool
    blocks: Callable[[Board], Iterator[Rows]]
    count: Callable[[Board], int]
