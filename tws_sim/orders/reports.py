"""Everything the gateway says about orders, on its one way out to the clients that hear of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tws_sim.orders.book import Execution
from tws_sim.orders.order import Order
from tws_sim.orders.refusal import RefusedError
from tws_sim.wire import executions, order_reports
from tws_sim.wire.framing import Field
from tws_sim.wire.order_reports import State

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.session import Session


@dataclass(frozen=True)
class Report(ABC):
    """Something that has happened to an order, as it was then; ``order`` is a copy."""

    order: Order

    def concerns(self, session: "Session") -> bool:
        """Whether a client hears of it: the one that placed the order, and the master client."""
        return session.client_id in {self.order.client_id, session.gateway.settings.master_client_id}

    @abstractmethod
    def tell(self, session: "Session") -> None:
        """Queue it for one client, in the shape of its version."""


@dataclass(frozen=True)
class OpenOrder(Report):
    """The order and its state."""

    contract: Sequence[Field]
    state: State

    def tell(self, session: "Session") -> None:
        """Message 5."""
        session.send(order_reports.open_order(session.version, self.order, self.contract, self.state))


@dataclass(frozen=True)
class OrderStatus(Report):
    """How far the order has come."""

    def tell(self, session: "Session") -> None:
        """Message 3."""
        session.send(order_reports.order_status(self.order))


@dataclass(frozen=True)
class ExecutionDetails(Report):
    """An execution of the order's contract or of one leg."""

    execution: Execution
    contract: Sequence[Field]

    def tell(self, session: "Session") -> None:
        """Message 11."""
        account = session.gateway.settings.account
        session.send(executions.details(session.version, self.execution, account, self.contract))


@dataclass(frozen=True)
class CommissionReport(Report):
    """What an execution cost."""

    execution: Execution

    def tell(self, session: "Session") -> None:
        """Message 59."""
        session.send(executions.commission(self.execution))


@dataclass(frozen=True)
class OrderBound(Report):
    """An order entered by hand has got a number for client 0."""

    def tell(self, session: "Session") -> None:
        """Message 100."""
        session.send(order_reports.order_bound(self.order))


@dataclass(frozen=True)
class OrderError(Report):
    """An error under the order's number; only who uses that number can make sense of it."""

    refusal: RefusedError

    def concerns(self, session: "Session") -> bool:
        """Only the client that placed the order."""
        return session.client_id == self.order.client_id

    def tell(self, session: "Session") -> None:
        """Message 4, counted by its code."""
        session.error(self.order.order_id, self.refusal.code, self.refusal.text)


Filter = Callable[[Report], Iterable[Report]]


class Reports:
    """The way out. A filter turns a report into those that leave in its place: none, itself, or others."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self.filters: list[Filter] = []

    def send(self, *reports: Report) -> None:
        """Report to whom it concerns, by way of the filters, the oldest first."""
        leaving: list[Report] = list(reports)
        for change in list(self.filters):
            leaving = [one for report in leaving for one in change(report)]
        for report in leaving:
            self.deliver(report)

    def deliver(self, report: Report) -> None:
        """Report to whom it concerns, at once and past the filters."""
        for session in list(self._gateway.sessions):
            if session.client_id is not None and report.concerns(session):
                report.tell(session)
                session.flush()
