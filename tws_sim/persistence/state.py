"""The gateway's state in a file: read at the start, written before any client hears of a change."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tws_sim.account.account import Trade
from tws_sim.orders.book import Execution
from tws_sim.orders.order import BAG_CON_ID, Order, Status
from tws_sim.persistence.file import StateError, StateFile

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.orders.reports import Report


@contextmanager
def persisted(gateway: "Gateway", path: Path | None) -> Iterator[None]:
    """Restore a gateway from its file and keep the file up to date within the block; None: no file.

    Raises:
        StateError: the file cannot be used, or holds contracts that the market does not list.
    """
    if path is None:
        yield
        return
    file = StateFile(path)
    try:
        _restore(gateway, file)
        gateway.orders.reports.filters.insert(0, _Writer(gateway, file))
        yield
    finally:
        file.close()


class _Writer:
    """The first filter of all reports: what they tell of is in the file before they leave."""

    def __init__(self, gateway: "Gateway", file: StateFile) -> None:
        self._gateway = gateway
        self._file = file
        self._written = len(gateway.orders.book.executions)

    def __call__(self, report: "Report") -> "Iterable[Report]":
        """Write the order a report is about, and every execution since the last time."""
        book = self._gateway.orders.book
        order = book.orders.get(report.order.perm_id)
        if order is not None:
            self._file.save(order, book.executions[self._written :], self._gateway.account.day)
            self._written = len(book.executions)
        return [report]


def _restore(gateway: "Gateway", file: StateFile) -> None:
    engine = gateway.orders
    executions, orders = file.executions(), file.orders()
    try:
        for execution in executions:
            engine.book.executions.append(execution)
            if execution.con_id != BAG_CON_ID:
                gateway.account.book(_trade(execution), execution.execution_id, execution.perm_id)
        for order in orders:
            _resume(order, gateway.market.clock.now())
            engine.book.add(order)
            engine.product(order)
    except ValueError as problem:
        raise StateError(f"the state is not one of this market: {problem}") from None
    gateway.account.start_cash = file.cash(gateway.account.start_cash)
    gateway.account.day = file.day() or gateway.account.day
    for order in engine.book.orders.values():
        engine.numbers.perm_id = max(engine.numbers.perm_id, order.perm_id)
        gateway.next_order_id = max(gateway.next_order_id, order.order_id + 1)


def _trade(execution: Execution) -> Trade:
    sign = 1 if execution.side == "BOT" else -1
    return Trade(execution.con_id, sign * execution.quantity, execution.price)


def _resume(order: Order, now: datetime) -> None:
    """Let whatever was on its way be due at once: instants are those of a clock that is gone."""
    order.acknowledged_at = order.fills_at = order.changed_at = 0.0
    if order.cancelled_at is not None:
        order.cancelled_at = 0.0
    if not order.remaining and not order.done:  # the end came between its last execution and its last status
        order.move(Status.FILLED, now)
