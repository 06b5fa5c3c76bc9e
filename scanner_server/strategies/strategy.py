"""What a strategy is: a name, legs, and an enumeration of contracts for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Floats, Ints, Rows

SHARE_KEY = -1
_EXPIRATION_BIT = 32
_STRIKE_UNITS = 1000.0


class Leg(NamedTuple):
    """One leg of a strategy.

    Attributes:
        kind: "C" call, "P" put, "S" the share.
        quantity: contracts, negative = sold; of the share in hundreds.
    """

    kind: Literal["C", "P", "S"]
    quantity: int


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """The contracts that a strategy draws its legs from: those that passed the leg filters.

    Attributes:
        legs: for each leg the rows that it may be, by ascending key.
        key: of every row of the chain and of the share: ascends by expiration, then strike, and is the same
            for a call and a put of one strike; shape (n + 1,).
    """

    legs: tuple[Rows, ...]
    key: Ints

    def keys(self, leg: int) -> Ints:
        """Keys of the rows of a leg."""
        return self.key[self.legs[leg]]

    def drawing(self, legs: tuple[Rows, ...]) -> "Pools":
        """The same with other rows for the legs."""
        return Pools(legs, self.key)


class Plateau(NamedTuple):
    """The middle of a payoff that rises by 1 per USD, is flat, and falls by 1; or falls, is flat, and rises.

    It is flat beyond the outermost strikes too. A strategy with a plateau has one expiration and forms every
    choice of legs whose strikes ascend strictly, but for the two at its ends where it `is_level`.

    Attributes:
        first: the leg at whose strike it begins.
        last: the leg at whose strike it ends; may be the same.
        is_level: two legs of one strike are its ends.
    """

    first: int
    last: int
    is_level: bool = False


@dataclass(frozen=True, slots=True)
class Strategy:
    """A kind of spread.

    Attributes:
        name: as requests and answers spell it.
        family: the name that stands for this strategy and its siblings.
        description: one sentence.
        legs: the share first, then by expiration, then by strike.
        form: yields rows of the legs, shape (b, legs) with b bounded: each spread once, each contract of a
            spread once. It may look at nothing but `Pools`, and a spread depends on none of the other rows.
        count: how many spreads `form` yields, where that can be told without forming them.
        sold_for_credit: the payoff is nowhere above zero, so that it earns only what it is sold for.
        plateau: of its payoff, where it has one: then the ranking need not form all spreads.
    """

    name: str
    family: str
    description: str
    legs: tuple[Leg, ...]
    form: Callable[[Pools], Iterator[Rows]]
    count: Callable[[Pools], int] | None = None
    sold_for_credit: bool = False
    plateau: Plateau | None = None

    @property
    def quantities(self) -> tuple[int, ...]:
        """Contracts per leg, negative = sold; of the share in hundreds."""
        return tuple(leg.quantity for leg in self.legs)


def keys_of(chain: Chain) -> Ints:
    """The key of every row of a chain, then the share's; shape (n + 1,)."""
    return np.append(key_of(chain.expiration.astype(np.int64), chain.strike), SHARE_KEY)


def key_of(expiration: Ints, strike: Floats) -> Ints:
    """The key of each contract, from the index of its expiration and its strike in USD; shape (n,)."""
    return (expiration << _EXPIRATION_BIT) + np.rint(strike * _STRIKE_UNITS).astype(np.int64)


def next_expiration(key: Ints) -> Ints:
    """The smallest key of the expiration after that of each key."""
    return start_of_expiration(expiration_of(key) + 1)


def start_of_expiration(expiration: Ints) -> Ints:
    """The smallest key of the expirations of these indices."""
    return expiration << _EXPIRATION_BIT


def expiration_of(key: Ints) -> Ints:
    """Index of the expiration of each key; below 0 for the share."""
    return key >> _EXPIRATION_BIT


def strike_of(key: Ints) -> Ints:
    """Strike of each key, in thousandths of a USD."""
    return key & ((1 << _EXPIRATION_BIT) - 1)


def transposed(key: Ints) -> Ints:
    """Keys in which strike and expiration have changed places: they ascend by strike, then expiration."""
    return (strike_of(key) << _EXPIRATION_BIT) + expiration_of(key)
