"""Reports of a gateway, and a book that hears them as the desk's does, through JSON and back."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ibkr_server.orders import hearing
from ibkr_server.orders.book import Book
from ibkr_server.orders.broker import CommissionReport, ExecutionReport, OrderReport, StatusReport
from ibkr_server.orders.events import Draft, Intent, Recorded, decode, encode
from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType, request_hash

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
CLIENT, PERM = 1, 1001
LEGS = (OrderLeg(101, 1), OrderLeg(102, -2))
Report = OrderReport | StatusReport | ExecutionReport | CommissionReport | tuple[int, str]


def spec(quantity: int = 3, limit: str = "1.20") -> OrderSpec:
    return OrderSpec(LEGS, quantity, OrderType.LIMIT, Decimal(limit))


def order(status: str, perm_id: int = PERM, **rest: object) -> OrderReport:
    known = {"order_id": 5, "client_id": CLIENT, "order_ref": "c1", "spec": spec()} | rest
    return OrderReport(perm_id=perm_id, account="DU1", status=status, summary="", **known)  # type: ignore[arg-type]  # by name


def status(text: str, filled: int = 0, perm_id: int = PERM) -> StatusReport:
    return StatusReport(5, CLIENT, perm_id, text, Decimal(filled), Decimal(3 - filled), Decimal(0))


def trade(
    number: int, leg: int, units: int, price: str = "1", correction: int = 1, **rest: object
) -> ExecutionReport:
    known = {"perm_id": PERM, "order_ref": "c1", "client_id": CLIENT} | rest
    return ExecutionReport(  # type: ignore[arg-type]  # by name
        execution_id=f"0000e0d5.{number:08x}.{leg + 2:02d}.{correction:02d}",
        order_id=5,
        account="DU1",
        con_id=LEGS[leg].con_id,
        is_combo=False,
        quantity=Decimal(units * LEGS[leg].ratio),
        price=Decimal(price),
        time=NOON,
        exchange="CBOE",
        **known,
    )


class Desk:
    """Hears reports as the real one does; `entries` is its journal."""

    def __init__(self) -> None:
        self.book = Book()
        self.entries: list[Recorded] = []
        self.early: dict[int, StatusReport] = {}
        self.record([("c1", Intent(5, CLIENT, spec(), request_hash(spec()), "alice"))])

    @property
    def order(self) -> Order:
        return self.book.records["c1"].order

    def record(self, drafts: Iterable[Draft]) -> None:
        for name, event in drafts:
            kind, payload = encode(event)
            again = decode(kind, json.loads(json.dumps(payload)))
            number = len(self.entries) + 1
            entry = Recorded(number, NOON + timedelta(seconds=number), name, again)
            self.entries.append(entry)
            self.book.apply(entry)

    def hear(self, report: Report) -> None:
        match report:
            case OrderReport():
                self.record(hearing.of_order(self.book, report, CLIENT))
                self._recall(report.perm_id)
            case StatusReport():
                drafts = hearing.of_status(self.book, report)
                if drafts is None:
                    self.early[report.perm_id] = report
                self.record(drafts or [])
            case ExecutionReport():
                self.record(hearing.of_execution(self.book, report, CLIENT))
                self._recall(report.perm_id)
            case CommissionReport():
                self.record(hearing.of_commission(self.book, report))
            case (code, text):
                self.record(hearing.of_error(self.book, 5, code, text))

    def _recall(self, perm_id: int) -> None:
        early = self.early.pop(perm_id, None)
        if early is not None:
            self.record(hearing.of_status(self.book, early) or [])


def folded(entries: Iterable[Recorded]) -> Book:
    book = Book()
    for entry in entries:
        book.apply(entry)
    return book
