"""The most that an order can lose, exact: payoffs are piecewise linear, so the least is at a strike or at 0.

Everything is held to its expiration. What is bought for later is worth its intrinsic value before: an
American option can be exercised for it, while a European one deep in the money may be worth less by the
interest on its strike. Assignment before expiration, dividends and commission are not counted.

What is sold at several expirations is not all worst at one price: the underlying moves in between. So each
of those expirations is judged at the price that is worst for it, with the longs that live at least as long
as its cover. A short option that outlives its longs is naked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from ibkr_server.chain.contracts import Right

NEVER: Final = datetime.max.replace(tzinfo=UTC)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stake:
    """Shares, or options on so many of them: positive bought, negative sold. A share has no `right`."""

    shares: Decimal
    right: Right | None = None
    strike: Decimal = _ZERO
    expires: datetime = NEVER

    def payoff(self, price: Decimal) -> Decimal:
        """Its intrinsic value at a price of the underlying."""
        if self.right is None:
            return self.shares * price
        inside = price - self.strike if self.right == "C" else self.strike - price
        return self.shares * max(_ZERO, inside)


def max_loss(cost: Decimal, stakes: Iterable[Stake]) -> Decimal | None:
    """The most that can be lost of stakes on one underlying, zero or positive; None where there is no limit.

    They are bought for `cost`, which is negative where money is received; the loss is in its currency.
    """
    worst = worst_value(stakes)
    return None if worst is None else max(_ZERO, cost - worst)


def added_loss(cost: Decimal, ordered: Sequence[Stake], held: Sequence[Stake]) -> Decimal | None:
    """The same for an order in an account that holds stakes on the same underlying already.

    How much lower the worst end of all gets: never more than what the order can lose by itself, and nothing
    where a position is closed. To sell the long leg of a spread leaves the short one naked: no limit.
    """
    alone, before, after = max_loss(cost, ordered), worst_value(held), worst_value([*held, *ordered])
    if alone is None and after is None:
        return None
    if after is None:
        return alone
    together = _ZERO if before is None else max(_ZERO, cost + before - after)
    return together if alone is None else min(alone, together)


def worst_value(stakes: Iterable[Stake]) -> Decimal | None:
    """The least that stakes on one underlying can come to, negative where it is owed; None: no limit."""
    groups = _covered(stakes)
    worst = [_worst_of(group) for group in groups]
    return None if None in worst else sum((value for value in worst if value is not None), _ZERO)


def _worst_of(group: Sequence[Stake]) -> Decimal | None:
    """Of what ends together: the least payoff over all prices, None where it falls for ever."""
    slope = sum(stake.shares for stake in group if stake.right != "P")
    if slope < 0:
        return None
    bends = {_ZERO, *(stake.strike for stake in group)}
    return min(sum((stake.payoff(price) for stake in group), _ZERO) for price in bends)


def _covered(stakes: Iterable[Stake]) -> list[list[Stake]]:
    """What was sold, by expiration and the latest first, each with the longs that cover it."""
    every = [stake for stake in stakes if stake.shares]
    longs = sorted((stake for stake in every if stake.shares > 0), key=_spent_first)
    groups = []
    for expires in sorted({stake.expires for stake in every if stake.shares < 0}, reverse=True):
        group = [stake for stake in every if stake.shares < 0 and stake.expires == expires]
        for is_put in (False, True):
            needed = -sum((stake.shares for stake in group if (stake.right == "P") is is_put), _ZERO)
            taken, longs = _take(longs, needed, expires, is_put=is_put)
            group += taken
        groups.append(group)
    return _with_rest(groups, longs)


def _take(
    longs: Sequence[Stake], needed: Decimal, expires: datetime, *, is_put: bool
) -> tuple[list[Stake], list[Stake]]:
    """Longs for so many shares that live until then, and the longs that are left."""
    taken, left = [], []
    for stake in longs:
        fits = (stake.right == "P") is is_put and stake.expires >= expires
        shares = min(needed, stake.shares) if fits else _ZERO
        needed -= shares
        if shares:
            taken.append(replace(stake, shares=shares))
        if shares < stake.shares:
            left.append(replace(stake, shares=stake.shares - shares))
    return taken, left


def _with_rest(groups: list[list[Stake]], longs: Iterable[Stake]) -> list[list[Stake]]:
    """Longs that are not needed as cover help the latest expiration that they live to see, or one another."""
    alone: list[Stake] = []
    for stake in longs:
        next((group for group in groups if group[0].expires <= stake.expires), alone).append(stake)
    return [*groups, alone] if alone else groups


def _spent_first(stake: Stake) -> tuple[datetime, Decimal]:
    """Those that end first; of them the calls of the lowest and the puts of the highest strike."""
    return stake.expires, -stake.strike if stake.right == "P" else stake.strike
