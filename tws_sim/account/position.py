"""One contract's position: average cost and profit as TWS counts them, commissions included."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from tws_sim.market.instrument import Instrument, Option


class Fill(NamedTuple):
    """Signed contracts or shares at a price per share, and their commission, USD."""

    quantity: int
    price: float
    commission: float


def multiplier(item: Instrument) -> int:
    """Shares of the underlying that one contract stands for."""
    return item.multiplier if isinstance(item, Option) else 1


@dataclass(frozen=True)
class Position:
    """What is held of a contract, and what it has brought.

    Attributes:
        item: the contract.
        quantity: contracts or shares; sold short: negative.
        average_cost: USD per contract or share: paid with commissions, or received less commissions.
        realized: profit of what has been closed, USD.
        flow: cash received less cash paid since the account was opened, USD.
    """

    item: Instrument
    quantity: int = 0
    average_cost: float = 0.0
    realized: float = 0.0
    flow: float = 0.0

    def after(self, fill: Fill) -> "Position":
        """The position once a fill has been booked: first what it closes, then what it opens."""
        closed = self.closed_by(fill.quantity)
        kept, opened = self.quantity - closed, fill.quantity + closed
        each, fee = fill.price * multiplier(self.item), fill.commission / abs(fill.quantity)
        cost = self.average_cost if kept else 0.0
        if opened:
            paid = each + (fee if opened > 0 else -fee)
            cost = (kept * cost + opened * paid) / (kept + opened)
        return replace(
            self,
            quantity=kept + opened,
            average_cost=cost,
            realized=self.realized + closed * (each - self.average_cost) - abs(closed) * fee,
            flow=self.flow - fill.quantity * each - fill.commission,
        )

    def closed_by(self, quantity: int) -> int:
        """How much of what is held a trade closes, signed as what is held."""
        if self.quantity * quantity >= 0:
            return 0
        closed = min(abs(self.quantity), abs(quantity))
        return closed if self.quantity > 0 else -closed

    def value(self, price: float) -> float:
        """Market value at a price per share, USD; short: negative."""
        return self.quantity * price * multiplier(self.item)

    def unrealized(self, price: float) -> float:
        """Profit of what is held at a price per share, USD."""
        return self.value(price) - self.quantity * self.average_cost
