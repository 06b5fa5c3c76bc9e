"""Legs of a combination far apart."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, PrivateAttr

from tws_sim.faults.of_orders import OfReports
from tws_sim.gateway import Gateway
from tws_sim.orders.reports import CommissionReport, ExecutionDetails, Report

_FIRST_LEG = 2


class SlowLegs(OfReports):
    """Executions of a combination's legs are told one after the other, its new status after the last."""

    apart: Annotated[float, Field(gt=0, le=3600, description="Seconds between two legs.")] = 30.0
    _tasks: asyncio.TaskGroup = PrivateAttr()
    _late: dict[asyncio.Task[None], Report] = PrivateAttr(default_factory=dict)

    @asynccontextmanager
    async def active(self, gateway: Gateway) -> AsyncIterator[None]:
        """Have tasks that tell later what is late; at the end all of it is told."""
        try:
            async with super().active(gateway), asyncio.TaskGroup() as self._tasks:
                try:
                    yield
                finally:
                    for task in list(self._late):
                        task.cancel()
        finally:
            for report in self._late.values():
                gateway.orders.reports.deliver(report)

    def instead(self, report: Report) -> Iterable[Report]:
        """Itself, or nothing for now."""
        seconds = self._delay(report)
        if not seconds:
            return [report]
        task = self._tasks.create_task(self._tell(report, seconds))
        self._late[task] = report
        return []

    def hides(self, execution_id: str) -> bool:
        """Those that have not been told yet."""
        late = (report for report in self._late.values() if isinstance(report, ExecutionDetails))
        return any(report.execution.execution_id == execution_id for report in late)

    def _delay(self, report: Report) -> float:
        order = report.order
        if not order.ticket.is_combo or not order.filled:
            return 0.0
        if isinstance(report, ExecutionDetails | CommissionReport):
            place = int(report.execution.execution_id.split(".")[-2])
            return max(0, place - _FIRST_LEG) * self.apart
        return (len(order.ticket.legs) - 1) * self.apart

    async def _tell(self, report: Report, seconds: float) -> None:
        await self._gateway.clock.sleep(seconds)
        self._late = {task: late for task, late in self._late.items() if late is not report}
        self._gateway.orders.reports.deliver(report)
