"""What-if orders without figures."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from tws_sim.faults.of_orders import OfReports
from tws_sim.orders.reports import OpenOrder, Report
from tws_sim.wire.order_reports import UNSET


class WhatIfUnanswered(OfReports):
    """A what-if order is never answered, or only by its receipt, in which every figure is unset."""

    what_ifs: ClassVar[bool] = True
    answer: Annotated[
        Literal["none", "unset"], Field(description="Nothing at all, or 1.7976931348623157E308.")
    ] = "none"

    def instead(self, report: Report) -> Iterable[Report]:
        """Nothing, or the receipt."""
        is_receipt = isinstance(report, OpenOrder) and UNSET in report.state.margins
        return [report] if is_receipt and self.answer == "unset" else []
