"""Which prices a contract or a combo can have, exact in decimals. Prices are in currency per share, signed.

Single contracts follow their market rule, in which the step may grow with the price: 0.01 below 3.00 and 0.05
from there on is usual. Source: https://interactivebrokers.github.io/tws-api/minimum_increment.html

Combos have a step of their own for the net price: a cent, also where a leg alone has 0.05. Exchanges may set
a wider one class by class (Cboe rule 5.4(b)), as they do for index options whose own smallest step is 0.05,
of SPX for one: 0.05. IB does not tell the step of a combo, so it is decided here, from its legs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, Literal

from ibkr_server.chain.facts import ContractFacts, PriceIncrement

COMBO_STEP: Final = Decimal("0.01")
INDEX_COMBO_STEP: Final = Decimal("0.05")


def on_tick(price: Decimal, tick: Decimal) -> bool:
    """Whether a price is a multiple of a step."""
    return price % tick == 0


@dataclass(frozen=True, slots=True)
class Ticks:
    """The steps of a price, from the lowest edge up; a negative price has the step of its size."""

    increments: tuple[PriceIncrement, ...]

    def step(self, price: Decimal) -> Decimal:
        """The step at a price."""
        steps = [step for low_edge, step in self.increments if low_edge <= abs(price)]
        return steps[-1] if steps else self.increments[0].step

    def has(self, price: Decimal) -> bool:
        """Whether an order can have this price."""
        return on_tick(price, self.step(price))

    def up(self, price: Decimal) -> Decimal:
        """The lowest price possible that is not below it: one that a buyer is filled at no later."""
        return self._round(price, ROUND_CEILING)

    def down(self, price: Decimal) -> Decimal:
        """The highest price possible that is not above it."""
        return self._round(price, ROUND_FLOOR)

    def _round(self, price: Decimal, rounding: Literal["ROUND_CEILING", "ROUND_FLOOR"]) -> Decimal:
        step = self.step(price)
        return (price / step).quantize(Decimal(1), rounding) * step


def ticks_of(legs: Sequence[ContractFacts]) -> Ticks:
    """The steps of the price of a single contract, or of the net price of a combo."""
    if len(legs) == 1:
        return Ticks(legs[0].increments)
    wide = any(leg.underlying_type == "IND" and _smallest(leg) >= INDEX_COMBO_STEP for leg in legs)
    return Ticks((PriceIncrement(Decimal(0), INDEX_COMBO_STEP if wide else COMBO_STEP),))


def _smallest(leg: ContractFacts) -> Decimal:
    return min(step for _, step in leg.increments)
