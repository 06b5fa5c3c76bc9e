"""What a unit costs, out of the quotes of its legs. Prices are net, in currency per share, positive paid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.spec import OrderLeg, OrderSpec
from ibkr_server.risk.ticks import ticks_of

_TWO: Final = Decimal(2)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class BidAsk:
    """Quote of one contract, currency per share, and its age in seconds."""

    bid: Decimal
    ask: Decimal
    age_seconds: float


@dataclass(frozen=True, slots=True)
class PriceView:
    """`natural`: legs bought at the ask and sold at the bid. `mid`: at the middle, maybe between ticks.

    `suggested_limit` is the first price on the tick from mid towards natural; `tick` is the step there.
    """

    natural: Decimal
    mid: Decimal
    suggested_limit: Decimal
    tick: Decimal
    quote_age_seconds: float


def shares_per_unit(legs: Iterable[ContractFacts]) -> Decimal:
    """A net price times this is the money of one unit: the options' multiplier, or 1 for shares."""
    return max(leg.multiplier for leg in legs)


def weights(legs: Sequence[OrderLeg], contracts: Mapping[int, ContractFacts]) -> list[Decimal]:
    """How often each leg's price counts in the net price: 100 shares count as one option on 100 shares."""
    unit = shares_per_unit([contracts[leg.con_id] for leg in legs])
    return [leg.ratio * contracts[leg.con_id].multiplier / unit for leg in legs]


def price_view(
    spec: OrderSpec, contracts: Mapping[int, ContractFacts], quotes: Mapping[int, BidAsk]
) -> PriceView:
    """Net prices of one unit; every leg has a quote."""
    shares = weights(spec.legs, contracts)
    sides = [(quotes[leg.con_id].bid, quotes[leg.con_id].ask) for leg in spec.legs]
    natural = sum(w * (ask if w > 0 else bid) for w, (bid, ask) in zip(shares, sides, strict=True))
    best = sum(w * (bid if w > 0 else ask) for w, (bid, ask) in zip(shares, sides, strict=True))
    mid = Decimal(natural + best) / _TWO
    ticks = ticks_of([contracts[leg.con_id] for leg in spec.legs])
    suggested = ticks.up(mid)
    if not suggested and not spec.is_combo:
        suggested = -ticks.step(mid)  # what is sold alone is sold for something
    age = max(quotes[leg.con_id].age_seconds for leg in spec.legs)
    return PriceView(Decimal(natural), mid, suggested, ticks.step(mid), age)


def net_limit(spec: OrderSpec, contracts: Mapping[int, ContractFacts]) -> Decimal | None:
    """The limit of a unit: as it is given, or as its legs' own prices come to; None for a market order."""
    return sum_of_leg_prices(spec, contracts) if spec.limit_price is None else spec.limit_price


def sum_of_leg_prices(spec: OrderSpec, contracts: Mapping[int, ContractFacts]) -> Decimal | None:
    """What a unit costs where every leg is filled at its own price; None where not all have one."""
    prices = [leg.price for leg in spec.legs if leg.price is not None]
    if len(prices) < len(spec.legs):
        return None
    return sum((w * price for w, price in zip(weights(spec.legs, contracts), prices, strict=True)), _ZERO)
