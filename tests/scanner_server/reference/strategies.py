"""Every strategy by what its legs must be to each other, and spreads of it picked out of all combinations."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache
from itertools import product
from typing import NamedTuple, Protocol, TypeVar


class Contract(Protocol):
    """An option, or the share: a call that is always exercised, for nothing."""

    @property
    def call(self) -> bool: ...
    @property
    def strike(self) -> float: ...
    @property
    def expires_at(self) -> float: ...


AnyContract = TypeVar("AnyContract", bound=Contract)


class Definition(NamedTuple):
    """Legs such as "+C -2P", and whether contracts in their places are such a spread."""

    legs: str
    holds: Callable[..., bool]

    @property
    def quantities(self) -> list[int]:
        return [int(leg[:-1] + "1" if leg[:-1] in {"+", "-"} else leg[:-1]) for leg in self.legs.split()]


exactly = cache(lambda strike: Decimal(str(strike)))


def k(contract: Contract) -> Decimal:
    return exactly(contract.strike)


def together(*options: Contract) -> bool:
    return len({option.expires_at for option in options}) == 1


def rising(*options: Contract) -> bool:
    """One expiration, each strike higher than the one before."""
    strikes = [k(option) for option in options]
    return together(*options) and strikes == sorted(set(strikes))


def body_at_one_strike(a: Contract, b: Contract, c: Contract, d: Contract) -> bool:
    return together(a, b, c, d) and k(a) < k(b) == k(c) < k(d)


def even(a: Contract, b: Contract, c: Contract) -> bool:
    return rising(a, b, c) and k(a) + k(c) == 2 * k(b)


def uneven(a: Contract, b: Contract, c: Contract) -> bool:
    return rising(a, b, c) and k(a) + k(c) != 2 * k(b)


def one_strike(put: Contract, call: Contract) -> bool:
    return together(put, call) and k(put) == k(call)


def calendar(near: Contract, far: Contract) -> bool:
    return near.expires_at < far.expires_at and k(near) == k(far)


def diagonal(near: Contract, far: Contract) -> bool:
    return near.expires_at < far.expires_at and k(near) != k(far)


def with_share(share: Contract, option: Contract) -> bool:
    return share.strike == 0 < option.strike


DEFINITIONS = {
    "bull_call": Definition("+C -C", rising),
    "bear_call": Definition("-C +C", rising),
    "bull_put": Definition("+P -P", rising),
    "bear_put": Definition("-P +P", rising),
    "iron_condor": Definition("+P -P -C +C", rising),
    "reverse_iron_condor": Definition("-P +P +C -C", rising),
    "iron_butterfly": Definition("+P -P -C +C", body_at_one_strike),
    "reverse_iron_butterfly": Definition("-P +P +C -C", body_at_one_strike),
    "call_butterfly": Definition("+C -2C +C", even),
    "put_butterfly": Definition("+P -2P +P", even),
    "broken_wing_call_butterfly": Definition("+C -2C +C", uneven),
    "broken_wing_put_butterfly": Definition("+P -2P +P", uneven),
    "call_condor": Definition("+C -C -C +C", rising),
    "put_condor": Definition("+P -P -P +P", rising),
    "long_straddle": Definition("+P +C", one_strike),
    "short_straddle": Definition("-P -C", one_strike),
    "long_strangle": Definition("+P +C", rising),
    "short_strangle": Definition("-P -C", rising),
    "call_calendar": Definition("-C +C", calendar),
    "put_calendar": Definition("-P +P", calendar),
    "call_diagonal": Definition("-C +C", diagonal),
    "put_diagonal": Definition("-P +P", diagonal),
    "call_ratio_spread": Definition("+C -2C", rising),
    "put_ratio_spread": Definition("-2P +P", rising),
    "call_back_spread": Definition("-C +2C", rising),
    "put_back_spread": Definition("+2P -P", rising),
    "jade_lizard": Definition("-P -C +C", rising),
    "covered_call": Definition("+S -C", with_share),
    "protective_put": Definition("+S +P", with_share),
    "collar": Definition("+S +P -C", lambda share, put, call: with_share(share, put) and rising(put, call)),
    "cash_secured_put": Definition("-P", lambda put: put.strike > 0),
}


def kind(contract: Contract) -> str:
    return "S" if contract.strike == 0 else "C" if contract.call else "P"


def combinations(name: str, *pools: Iterable[AnyContract]) -> Iterator[tuple[AnyContract, ...]]:
    """Spreads of one strategy, each leg from a pool of its own."""
    definition = DEFINITIONS[name]
    fitting = [
        [contract for contract in pool if kind(contract) == leg[-1]]
        for leg, pool in zip(definition.legs.split(), pools, strict=True)
    ]
    return (legs for legs in product(*fitting) if definition.holds(*legs))


def spreads_of(
    names: Iterable[str], contracts: list[AnyContract]
) -> list[tuple[str, list[tuple[int, AnyContract]]]]:
    """Spreads of some strategies: name, and quantity and contract of each leg."""
    return [
        (name, list(zip(DEFINITIONS[name].quantities, legs, strict=True)))
        for name in names
        for legs in combinations(name, *([contracts] * len(DEFINITIONS[name].quantities)))
    ]
