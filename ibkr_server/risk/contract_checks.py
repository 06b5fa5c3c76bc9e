"""Whether an order makes sense for its contracts, whatever the market: each fault names its field."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from math import gcd
from typing import Final

from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.spec import Bracket, OrderSpec, OrderType
from ibkr_server.risk.prices import net_limit, sum_of_leg_prices
from ibkr_server.risk.ticks import Ticks, ticks_of

MOST_LEGS: Final = 4
CURRENCY: Final = "USD"
HIGHEST_PRICE: Final = 10_000_000
"""Currency per share; what is higher, or lower below 0, is no price."""
_ORDERED: Final = {"OPT", "STK"}

Fault = tuple[str, str]
"""A field, as in `legs[1].con_id`, and what is wrong with it."""
Contracts = Mapping[int, ContractFacts]


def faults(spec: OrderSpec, contracts: Contracts, *, is_exit: bool = False) -> list[Fault]:
    """What is wrong with an order in every market and at any time; empty for a good one.

    Only an exit of a bracket may be a stop, whose limit price is what triggers it.
    """
    return (
        [*_leg_faults(spec), *_number_faults(spec)]
        or list(_contract_faults(spec, contracts))
        or [
            *_price_faults(spec, contracts, is_exit=is_exit),
            *_leg_price_faults(spec, contracts),
            *_exit_faults(spec, contracts),
        ]
    )


def expired(spec: OrderSpec, contracts: Contracts, now: datetime) -> list[Fault]:
    """The legs that no longer trade."""
    ends = ((number, contracts[leg.con_id].expires) for number, leg in enumerate(spec.legs))
    return [
        (f"legs[{number}].con_id", f"it stopped trading at {end.isoformat(timespec='minutes')}")
        for number, end in ends
        if end is not None and end <= now
    ]


def _leg_faults(spec: OrderSpec) -> Iterator[Fault]:
    if not 1 <= len(spec.legs) <= MOST_LEGS:
        yield "legs", f"1 to {MOST_LEGS} legs, not {len(spec.legs)}"
        return
    seen: set[int] = set()
    for number, leg in enumerate(spec.legs):
        if leg.con_id in seen:
            yield f"legs[{number}].con_id", f"{leg.con_id} is in another leg already"
        seen.add(leg.con_id)
        if not leg.ratio:
            yield f"legs[{number}].ratio", "must not be 0"
    ratios = [abs(leg.ratio) for leg in spec.legs]
    common = gcd(*ratios)
    if len(ratios) == 1 and common > 1:
        yield "legs[0].ratio", "must be 1 or -1 for a single contract"
    elif common > 1:
        yield "legs[0].ratio", f"all ratios are multiples of {common}: divide them and multiply the quantity"


def _number_faults(spec: OrderSpec) -> Iterator[Fault]:
    bracket = spec.bracket or Bracket()
    prices = {f"legs[{number}].price": leg.price for number, leg in enumerate(spec.legs)} | {
        "limit_price": spec.limit_price,
        "bracket.profit_taker": bracket.profit_taker,
        "bracket.stop_loss": bracket.stop_loss,
    }
    for field, price in prices.items():
        if price is not None and not (price.is_finite() and abs(price) <= HIGHEST_PRICE):
            yield field, f"{price} is no price"


def _contract_faults(spec: OrderSpec, contracts: Contracts) -> Iterator[Fault]:
    first = contracts.get(spec.legs[0].con_id)
    multiplier = next((each.multiplier for each in contracts.values() if each.is_option), None)
    for number, leg in enumerate(spec.legs):
        field, contract = f"legs[{number}].con_id", contracts.get(leg.con_id)
        if contract is None:
            yield field, f"the gateway knows no contract {leg.con_id}"
        elif contract.security_type not in _ORDERED:
            yield (
                field,
                f"{contract.local_symbol} is of type {contract.security_type}, not an option or a share",
            )
        elif contract.currency != CURRENCY:
            yield field, f"{contract.local_symbol} trades in {contract.currency}, not in {CURRENCY}"
        elif first is not None and contract.underlying_con_id != first.underlying_con_id:
            yield field, f"{contract.local_symbol} has another underlying than {first.local_symbol}"
        elif contract.is_option and contract.multiplier != multiplier:
            yield (
                field,
                f"{contract.local_symbol} has a multiplier of {contract.multiplier}, not {multiplier}",
            )


def _price_faults(spec: OrderSpec, contracts: Contracts, *, is_exit: bool) -> Iterator[Fault]:
    limit = net_limit(spec, contracts)
    if spec.type is OrderType.STOP and not is_exit:
        yield "type", "a stop is part of a bracket"
    elif spec.type is OrderType.MARKET and limit is not None:
        yield "limit_price", "a market order has none"
    elif spec.type is OrderType.LIMIT and limit is None:
        yield "limit_price", "a limit order needs one"
    elif limit is not None:
        yield from _price_fault("limit_price", limit, spec, _ticks(spec, contracts))


def _leg_price_faults(spec: OrderSpec, contracts: Contracts) -> Iterator[Fault]:
    prices = [leg.price for leg in spec.legs]
    if all(price is None for price in prices):
        return
    if not spec.non_guaranteed or len(spec.legs) != 2:
        yield "legs[0].price", "only the two legs of a non_guaranteed combo have prices of their own"
        return
    for number, (leg, price) in enumerate(zip(spec.legs, prices, strict=True)):
        ticks = Ticks(contracts[leg.con_id].increments)
        if price is None:
            yield f"legs[{number}].price", "all legs have a price or none"
        elif price <= 0 or not ticks.has(price):
            yield f"legs[{number}].price", f"{price} is not above 0 and a multiple of {ticks.step(price)}"
    total = sum_of_leg_prices(spec, contracts)
    if None not in (total, spec.limit_price) and total != spec.limit_price:
        yield "limit_price", f"{spec.limit_price} is not what the legs' prices come to, {total}"


def _exit_faults(spec: OrderSpec, contracts: Contracts) -> Iterator[Fault]:
    if spec.bracket is None:
        return
    limit, ticks = net_limit(spec, contracts), _ticks(spec, contracts)
    profit, stop = spec.bracket.profit_taker, spec.bracket.stop_loss
    if profit is None and stop is None:
        yield "bracket", "needs a profit_taker, a stop_loss or both"
    if profit is not None:
        yield from _price_fault("bracket.profit_taker", profit, spec, ticks)
        if limit is not None and profit <= limit:
            yield "bracket.profit_taker", f"{profit} is no profit on {limit}: it must be greater"
    if stop is not None:
        yield from _price_fault("bracket.stop_loss", stop, spec, ticks)
        if limit is not None and stop >= limit:
            yield "bracket.stop_loss", f"{stop} is no loss on {limit}: it must be less"
    if profit is not None and stop is not None and stop >= profit:
        yield "bracket.stop_loss", f"{stop} is not less than profit_taker, {profit}"


def _price_fault(field: str, price: Decimal, spec: OrderSpec, ticks: Ticks) -> Iterator[Fault]:
    if not spec.is_combo and price * spec.legs[0].ratio <= 0:
        side = "bought, so its price is above" if spec.legs[0].ratio > 0 else "sold, so its price is below"
        yield field, f"{price}: a single contract is {side} 0"
    if not ticks.has(price):
        below, above = ticks.down(price), ticks.up(price)
        yield field, f"{price} is no multiple of {ticks.step(price)}: {below} or {above} would be"


def _ticks(spec: OrderSpec, contracts: Contracts) -> Ticks:
    return ticks_of([contracts[leg.con_id] for leg in spec.legs])
