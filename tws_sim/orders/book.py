"""The order book: every order and every execution, as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tws_sim.orders.order import Order


@dataclass
class Execution:
    """One execution of one contract; that of a combination stands beside those of its legs.

    Attributes:
        execution_id: the last part counts corrections, the one before it the contracts of a combination.
        perm_id: its order's.
        order_id: its order's number for its client.
        client_id: its order's client.
        con_id: the contract; that of all combinations for a combination itself.
        time: ISO 8601, on the market's clock.
        side: BOT or SLD.
        price: USD; for a combination the net price of one unit, negative where bought for a credit.
        cumulative: what the order has filled of this contract with it.
        average: the average price of that.
        commission: USD; None for a combination itself.
        realized: profit, USD; None where nothing was closed.
    """

    execution_id: str
    perm_id: int
    order_id: int
    client_id: int
    con_id: int
    time: str
    side: str
    quantity: int
    price: float
    cumulative: int
    average: float
    exchange: str
    order_ref: str
    commission: float | None = None
    realized: float | None = None


@dataclass
class OrderBook:
    """Orders by permId in the order they came, and executions in theirs."""

    orders: dict[int, Order] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    _live: list[Order] = field(default_factory=list)

    def add(self, order: Order) -> None:
        """Take an order."""
        self.orders[order.perm_id] = order
        self._live.append(order)

    def live(self) -> list[Order]:
        """Orders of which something can still become, oldest first."""
        self._live = [order for order in self._live if not order.done]
        return list(self._live)

    def of(self, client_id: int, order_id: int) -> Order | None:
        """The latest order a client placed under a number: one that lives, if any does."""
        if not order_id:
            return None
        found = [
            one for one in self.orders.values() if (one.client_id, one.order_id) == (client_id, order_id)
        ]
        live = [one for one in found if not one.done]
        return next(reversed(live or found), None)

    def highest_id(self, client_id: int) -> int:
        """The highest number a client has used; 0 for none."""
        used = (order.order_id for order in self.orders.values() if order.client_id == client_id)
        return max(used, default=0)

    def children(self, parent: Order) -> Iterator[Order]:
        """Live orders attached to another."""
        return (order for order in self.live() if order.parent_perm_id == parent.perm_id)

    def family(self, order: Order) -> list[Order]:
        """An order's parent, if it has one, with all that is attached to it; live ones only."""
        head = order.parent_perm_id or order.perm_id
        return [one for one in self.live() if head in {one.perm_id, one.parent_perm_id}]

    def executions_of(self, perm_id: int, con_id: int) -> Iterator[Execution]:
        """Executions of one contract of an order; of corrected ones the last correction."""
        found = (one for one in self.executions if (one.perm_id, one.con_id) == (perm_id, con_id))
        latest = {one.execution_id.rpartition(".")[0]: one for one in found}
        return iter(latest.values())
