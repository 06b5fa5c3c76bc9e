"""Whether an order can be executed in a market, how much of it, and at which prices (in whole ticks)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tws_sim.market.quote import Quote


class Side(NamedTuple):
    """One contract's market, as the one who trades it sees it.

    Attributes:
        weight: how often its price counts in the price of a unit; sold: negative.
        ratio: how much of it a unit needs, positive.
        pays: the other side's price: the ask where it is bought, the bid where it is sold.
        joins: the own side's price.
        size: what the other side shows.
    """

    weight: int
    ratio: int
    pays: int
    joins: int
    size: int


class Match(NamedTuple):
    """Units executed, a price for each contract, and the cost of a unit: what it takes, a credit negative."""

    quantity: int
    prices: tuple[int, ...]
    cost: int


def side(quote: Quote, weight: int, ratio: int, taken: int, tick: Decimal) -> Side | None:
    """A contract's market; None where the other side, or that to compare it with, is missing.

    Args:
        quote: the market.
        weight: as in :class:`Side`.
        ratio: as in :class:`Side`.
        taken: what other orders have had of the size shown.
        tick: the step of prices, USD.
    """
    if quote.ask is None or (quote.bid is None and weight < 0):
        return None
    bid = math.floor(Decimal(str(quote.bid or 0)) / tick)
    ask = math.ceil(Decimal(str(quote.ask)) / tick)
    if weight > 0:
        return Side(weight, ratio, ask, bid, quote.ask_size - taken)
    return Side(weight, ratio, bid, ask, quote.bid_size - taken)


def natural(sides: Sequence[Side]) -> int:
    """The cost of a unit if every contract is taken from the other side."""
    return sum(one.weight * one.pays for one in sides)


def spread(sides: Sequence[Side]) -> int:
    """What a unit costs more at the other sides' prices than at the own ones; 0 in a crossed market."""
    return max(0, sum(one.weight * (one.pays - one.joins) for one in sides))


def available(sides: Sequence[Side]) -> int:
    """Units for which every contract's other side shows enough."""
    return max(0, min(one.size // one.ratio for one in sides))


def match(sides: Sequence[Side], limit: int | None, wanted: int, *, patient: bool = False) -> Match | None:
    """What is executed now.

    Args:
        sides: the market.
        limit: the most that a unit may cost; None: whatever it takes.
        wanted: units that are left.
        patient: whether the market comes to a limit within the spread this time.
    """
    quantity = min(wanted, available(sides))
    if quantity <= 0:
        return None
    cost = natural(sides)
    if limit is None or cost <= limit:
        return _at(sides, quantity, [one.pays for one in sides])
    if not patient or cost - limit > spread(sides):
        return None
    return _at(sides, quantity, improved(sides, cost - limit))


def forced(sides: Sequence[Side], limit: int | None, quantity: int) -> Match:
    """What is executed if the market comes to a limit, wherever it is; without one at the other sides.

    Beyond the spread a sold contract rises as far as needed, or else the bought ones fall, to 0 at most.
    """
    excess = max(0, natural(sides) - limit) if limit is not None else 0
    prices = list(improved(sides, excess))
    for place in sorted(range(len(sides)), key=lambda number: sides[number].weight):
        cost = _at(sides, quantity, prices).cost
        if limit is not None and cost > limit:
            weight = sides[place].weight
            needed = -(-(cost - limit) // abs(weight))
            prices[place] -= min(prices[place], needed) if weight > 0 else -needed
    return _at(sides, quantity, prices)


def _at(sides: Sequence[Side], quantity: int, prices: Sequence[int]) -> Match:
    cost = sum(one.weight * price for one, price in zip(sides, prices, strict=True))
    return Match(quantity, tuple(prices), cost)


def improved(sides: Sequence[Side], by: int) -> tuple[int, ...]:
    """Prices within each contract's market at which a unit costs at least ``by`` less than the natural.

    Contracts with large weights give way first, so that the smallest one makes it exact where it can.
    """
    prices = [one.pays for one in sides]
    room = [max(0, one.pays - one.joins if one.weight > 0 else one.joins - one.pays) for one in sides]
    order = sorted(range(len(sides)), key=lambda place: -abs(sides[place].weight))
    for place in order:
        step = min(room[place], by // abs(sides[place].weight)) if by > 0 else 0
        _give(sides[place], prices, room, place, step)
        by -= step * abs(sides[place].weight)
    for place in reversed(order):
        if by > 0 and room[place]:
            _give(sides[place], prices, room, place, 1)
            by -= abs(sides[place].weight)
    return tuple(prices)


def _give(one: Side, prices: list[int], room: list[int], place: int, step: int) -> None:
    prices[place] -= step if one.weight > 0 else -step
    room[place] -= step


def concedes(sides: Sequence[Side], limit: int, concession: float) -> bool:
    """Whether a limit is as far from the mid (0) towards the natural (1) as asked for."""
    middle = natural(sides) - spread(sides) / 2
    return limit >= middle + concession * spread(sides) / 2


def stopped(sides: Sequence[Side], buys: bool, stop: int) -> bool:
    """Whether the market has reached a stop price: the natural above it to buy, below it to sell."""
    cost = natural(sides)
    return cost >= stop if buys else -cost <= stop
