"""Executions told once more."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import FaultError
from tws_sim.faults.of_orders import OfOrders
from tws_sim.gateway import Gateway
from tws_sim.orders.order import snapshot
from tws_sim.orders.reports import CommissionReport, ExecutionDetails


class ReplayedExecutions(OfOrders):
    """execDetails and commissionReport of past executions are sent again, unasked, under their old ids."""

    latest: Annotated[int | None, Field(ge=1, description="How many of the latest; all if absent.")] = None

    async def begin(self, gateway: Gateway) -> None:
        """Tell again, in the old order."""
        engine = gateway.orders
        orders = engine.book.orders
        found = [one for one in engine.book.executions if self.fits(orders[one.perm_id])]
        if not found:
            raise FaultError("there is no such order that has been executed")
        for one in found[-self.latest :] if self.latest else found:
            order = orders[one.perm_id]
            contract = engine.contract(order, one.con_id)
            engine.reports.send(ExecutionDetails(snapshot(order), one, contract))
            if one.commission is not None:
                engine.reports.send(CommissionReport(snapshot(order), one))
