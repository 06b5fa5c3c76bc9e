"""Executions in the order they came; positions, commissions and profits follow from them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from tws_sim.account import tariff
from tws_sim.account.position import Fill, Position
from tws_sim.market.instrument import Instrument


class Trade(NamedTuple):
    """Signed contracts or shares at a price per share, USD."""

    con_id: int
    quantity: int
    price: float


class Booked(NamedTuple):
    """What an execution's commission report says, USD; nothing realized where nothing was closed."""

    commission: float
    realized: float | None


class Entry(NamedTuple):
    """One execution, the number of its last correction (1: none), and its order (0: none)."""

    trade: Trade
    revision: int
    order: int


def split_id(execution_id: str) -> tuple[str, int]:
    """An execution's own part of its id, and the number of its correction (1: none).

    Raises:
        ValueError: the id does not end in a dot and a number.
    """
    base, _, revision = execution_id.rpartition(".")
    return base, int(revision)


def fold(item: Instrument, entries: Mapping[str, Entry]) -> tuple[Position, dict[str, Booked]]:
    """The position that all executions of one contract lead to, and what each of them cost and brought."""
    position, booked = Position(item), {}
    rates: dict[int | str, float] = defaultdict(float)  # by order; an execution without one is one of its own
    for base, entry in entries.items():
        trade, order = entry.trade, entry.order or base
        rate = tariff.rate(item, trade.price) * abs(trade.quantity)
        commission = tariff.charge(rates[order], rate)
        rates[order] += rate
        after = position.after(Fill(trade.quantity, trade.price, commission))
        realized = after.realized - position.realized if position.closed_by(trade.quantity) else None
        booked[base] = Booked(commission, realized)
        position = after
    return position, booked
