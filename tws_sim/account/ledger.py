"""Executions in the order they came; positions, commissions and profits follow from them."""

from collections import defaultdict
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


class Statement:
    """The executions of one contract in the order they came, and what follows from them."""

    def __init__(self, item: Instrument) -> None:
        self._entries: dict[str, Entry] = {}
        self._begin(item)

    def _begin(self, item: Instrument) -> None:
        self.position = Position(item)
        self.booked: dict[str, Booked] = {}
        self._rates: dict[int | str, float] = defaultdict(float)

    def enter(self, base: str, entry: Entry) -> bool:
        """Take an execution, or a correction in place of what it corrects; False for one known already."""
        earlier = self._entries.get(base)
        if earlier is not None and earlier.revision >= entry.revision:
            return False
        self._entries[base] = entry
        if earlier is None:
            self._post(base, entry)
        else:
            self._begin(self.position.item)
            for each, one in self._entries.items():
                self._post(each, one)
        return True

    def _post(self, base: str, entry: Entry) -> None:
        trade, order = entry.trade, entry.order or base  # an execution without an order is one of its own
        rate = tariff.rate(self.position.item, trade.price) * abs(trade.quantity)
        commission = tariff.charge(self._rates[order], rate)
        self._rates[order] += rate
        before = self.position
        self.position = before.after(Fill(trade.quantity, trade.price, commission))
        closes = before.closed_by(trade.quantity) != 0
        self.booked[base] = Booked(commission, self.position.realized - before.realized if closes else None)
