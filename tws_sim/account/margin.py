"""Margin by the rules of Regulation T, strategy by strategy, as Cboe's margin manual has them.

A short option is covered by a long one of its right that expires no earlier, or by shares. What is covered
by options needs the most that the spreads can lose at their expiration (FINRA rule 4210(f)(2), Regulatory
Notice 12-44), what is not covered Cboe's percentages. Long options are paid in full. Of all ways to pair,
the cheapest counts. Premiums received stay in the account's equity, so that requirement less premium is a
spread's maximum loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from tws_sim.market.instrument import Option

SHARES_INITIAL = 0.50
LONG_SHARES_MAINTENANCE, SHORT_SHARES_MAINTENANCE = 0.25, 0.30
_OF_UNDERLYING, _AT_LEAST = 0.20, 0.10


class Margin(NamedTuple):
    """USD."""

    initial: float
    maintenance: float


class Held(NamedTuple):
    """Contracts of an option (short: negative) and its price per share."""

    option: Option
    quantity: int
    price: float


def shares_margin(value: float) -> Margin:
    """Margin of shares of a market value; short: negative."""
    rate = LONG_SHARES_MAINTENANCE if value > 0 else SHORT_SHARES_MAINTENANCE
    return Margin(SHARES_INITIAL * abs(value), rate * abs(value))


def uncovered(option: Option, spot: float) -> float:
    """What a short option needs beside its market value, USD per contract (Cboe margin manual)."""
    is_call = option.right == "C"
    out_of_the_money = max(0.0, option.strike - spot if is_call else spot - option.strike)
    least = _AT_LEAST * (spot if is_call else option.strike)
    return max(_OF_UNDERLYING * spot - out_of_the_money, least) * option.multiplier


def options_margin(held: Sequence[Held], shares: int, spot: float) -> float:
    """The least that options of one underlying need beside its shares (short: negative), USD."""
    if not any(one.quantity < 0 for one in held):
        return 0.0
    return _Program(held, shares, spot).solve()


@dataclass(frozen=True)
class _Use:
    """One way to use a contract of the short option: under a long one, shares, or nothing."""

    short: int
    long: int | None = None
    by_shares: bool = False

    @property
    def is_uncovered(self) -> bool:
        """Whether nothing covers it."""
        return self.long is None and not self.by_shares


class _Program:
    """The cheapest pairing as an integer program; the variables are contracts per use, then margins."""

    def __init__(self, held: Sequence[Held], shares: int, spot: float) -> None:
        self._held = held
        self._spot = spot
        self._lots = {"C": max(0, shares), "P": max(0, -shares)}  # what covers calls, and what covers puts
        self._uses = [use for short, one in enumerate(held) if one.quantity < 0 for use in self._of(short)]
        self._days = sorted({one.option.last_trade for one in held if one.quantity < 0})
        self._rows: list[tuple[dict[int, float], float]] = []

    def _of(self, short: int) -> list[_Use]:
        option = self._held[short].option
        longs = [
            number
            for number, one in enumerate(self._held)
            if one.quantity > 0
            and one.option.right == option.right
            and one.option.last_trade >= option.last_trade
        ]
        return [
            *(_Use(short, number) for number in longs),
            *([_Use(short, by_shares=True)] if self._lots[option.right] else []),
            _Use(short),
        ]

    def solve(self) -> float:
        uses, held = self._uses, self._held
        margins = len(self._days) + 1  # one for each day's spreads, one for the worse uncovered side
        values = [held[use.short].price * self._multiplier(use) * use.is_uncovered for use in uses]
        self._limit_cover()
        self._limit_losses()
        shorts = sorted({use.short for use in uses})
        every = [[float(use.short == short) for use in uses] + [0.0] * margins for short in shorts]
        width = len(uses) + margins
        limits = np.zeros((len(self._rows), width))
        for row, (terms, _) in zip(limits, self._rows, strict=True):
            row[list(terms)] = list(terms.values())
        found = linprog(
            [*values, *([1.0] * margins)],
            A_ub=limits,
            b_ub=[bound for _, bound in self._rows],
            A_eq=every,
            b_eq=[-held[short].quantity for short in shorts],
            integrality=[1] * len(uses) + [0] * margins,
            options={"mip_rel_gap": 0.0},
        )
        return round(float(found.fun), 6)

    def _multiplier(self, use: _Use) -> int:
        return self._held[use.short].option.multiplier

    def _limit_cover(self) -> None:
        """No long option and no share covers twice."""
        for number, one in enumerate(self._held):
            if one.quantity > 0:
                used = {place: 1.0 for place, use in enumerate(self._uses) if use.long == number}
                self._rows.append((used, one.quantity))
        for right, shares in self._lots.items():
            covered = {
                place: float(self._multiplier(use))
                for place, use in enumerate(self._uses)
                if use.by_shares and self._held[use.short].option.right == right
            }
            self._rows.append((covered, shares))

    def _limit_losses(self) -> None:
        """A margin covers what its day's spreads lose at any price; the last one either uncovered side."""
        for number, day in enumerate(self._days, start=len(self._uses)):
            for price in [0.0, *sorted({one.option.strike for one in self._held})]:
                self._rows.append(({**self._losses(day, price), number: -1.0}, 0.0))
        worse = len(self._uses) + len(self._days)
        for right in "CP":
            side = {
                place: uncovered(self._held[use.short].option, self._spot)
                for place, use in enumerate(self._uses)
                if use.is_uncovered and self._held[use.short].option.right == right
            }
            self._rows.append(({**side, worse: -1.0}, 0.0))

    def _losses(self, day: date, price: float) -> dict[int, float]:
        """Loss per contract of each spread whose short leg expires that day, at a price of the underlying."""
        found = {}
        for place, use in enumerate(self._uses):
            short = self._held[use.short].option
            if use.long is not None and short.last_trade == day:
                long = self._held[use.long].option
                found[place] = (_payoff(short, price) - _payoff(long, price)) * short.multiplier
        return found


def _payoff(option: Option, price: float) -> float:
    """Intrinsic value per share."""
    return max(0.0, price - option.strike if option.right == "C" else option.strike - price)
