"""An execution is corrected."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from tws_sim.account.account import Trade
from tws_sim.account.ledger import split_id
from tws_sim.faults.fault import FaultError
from tws_sim.faults.of_orders import OfOrders
from tws_sim.gateway import Gateway
from tws_sim.orders.book import Execution, OrderBook
from tws_sim.orders.engine import OrderEngine
from tws_sim.orders.order import BAG_CON_ID, Order, snapshot
from tws_sim.orders.reports import CommissionReport, ExecutionDetails, OrderStatus


class Correction(OfOrders):
    """The last execution of a contract is corrected: execDetails with a higher last part of its id."""

    shares: Annotated[int | None, Field(ge=1, description="Contracts or shares; unchanged if absent.")] = None
    price: Annotated[float | None, Field(description="USD; a cent more if absent.")] = None

    async def begin(self, gateway: Gateway) -> None:
        """Book the correction and tell of it."""
        engine = gateway.orders
        wrong = self._last(engine.book)
        order = engine.book.orders[wrong.perm_id]
        right = self._corrected(wrong)
        sign = 1 if right.side == "BOT" else -1
        trade = Trade(right.con_id, sign * right.quantity, right.price)
        right.commission, right.realized = gateway.account.book(trade, right.execution_id, right.perm_id)
        engine.book.executions.append(right)
        _settle(engine, order, wrong, right)

    def _last(self, book: OrderBook) -> Execution:
        for one in reversed(book.executions):
            if one.con_id != BAG_CON_ID and self.fits(book.orders[one.perm_id]):
                return one
        raise FaultError("there is no such order that has been executed")

    def _corrected(self, wrong: Execution) -> Execution:
        base, number = split_id(wrong.execution_id)
        shares = self.shares or wrong.quantity
        price = round(wrong.price + 0.01, 6) if self.price is None else self.price
        cumulative = wrong.cumulative - wrong.quantity + shares
        spent = wrong.average * wrong.cumulative - wrong.price * wrong.quantity + price * shares
        return replace(
            wrong,
            execution_id=f"{base}.{number + 1:02d}",
            quantity=shares,
            price=price,
            cumulative=cumulative,
            average=round(spent / cumulative, 8),
        )


def _settle(engine: OrderEngine, order: Order, wrong: Execution, right: Execution) -> None:
    """Tell of a correction; an order for that one contract has been executed by so much more or less."""
    if order.con_id == right.con_id:
        order.filled += right.quantity - wrong.quantity
        order.spent += right.quantity * right.price - wrong.quantity * wrong.price
    copy = snapshot(order)
    engine.reports.send(ExecutionDetails(copy, right, engine.contract(order, right.con_id)))
    engine.reports.send(CommissionReport(copy, right), OrderStatus(copy))
