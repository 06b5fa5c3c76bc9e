"""What to record of what the gateway has said: reports in, drafts of entries out, free of side effects.

What is known already makes no draft, so repeated reports leave no trace.
"""

from dataclasses import dataclass
from typing import Final

from ibkr_server.orders import alarms, lifecycle, record
from ibkr_server.orders.book import Book
from ibkr_server.orders.broker import CommissionReport, ExecutionReport, OrderReport, StatusReport
from ibkr_server.orders.events import (
    Commissioned,
    Complained,
    Draft,
    Executed,
    ForeignSeen,
    Outcome,
    Progressed,
    ReplaceSettled,
    Reported,
    Twinned,
)
from ibkr_server.orders.fills import split_id
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.record import Record
from ibkr_server.orders.spec import OrderSpec, OrderType


@dataclass(frozen=True, slots=True)
class Source:
    """Where a report of an order comes from.

    Attributes:
        read_since: for one out of a list, the last sequence when the list was asked for; None for live ones.
        is_completed: whether that was the list of completed orders.
    """

    read_since: int | None = None
    is_completed: bool = False


LIVE: Final = Source()


def of_order(book: Book, report: OrderReport, client_id: int, source: Source = LIVE) -> list[Draft]:
    """What an openOrder or a completedOrder says.

    Args:
        book: What is known.
        report: What was told.
        client_id: Ours at the gateway.
        source: How it came.
    """
    found = book.named(report.perm_id, report.order_ref, report.client_id)
    if found is None:
        return _of_foreign(book, report, client_id)
    name = found.client_order_id
    drafts: list[Draft] = []
    if _is_new_twin(found, report.perm_id):
        drafts.append((name, Twinned(report.perm_id, report.order_id)))
        drafts += alarms.duplicate(book, found, report.perm_id)
        return [*drafts, (name, _reported(found, report, source))]
    reported = _reported(found, report, source)
    if _changes(found, reported):
        drafts.append((name, reported))
    change = found.open_change
    if change is not None and report.perm_id not in found.twins and _agrees(report.spec, change.intent.spec):
        drafts.append((name, ReplaceSettled(change.intent.revision, Outcome.ACCEPTED)))
    if report.spec is not None and report.spec.quantity > found.most_asked:
        drafts += alarms.exceeded(book, found, f"the gateway has it for {report.spec.quantity}")
    return drafts


def of_status(book: Book, report: StatusReport) -> list[Draft] | None:
    """What an orderStatus says; None where no order is known by its permanent number yet.

    An order id is no proof of identity: the number is bound to an order of ours by openOrder or execDetails,
    which carry our name for it.
    """
    name = book.names.get(report.perm_id)
    if name is None:
        return [] if report.perm_id in book.foreign else None
    found = book.records[name]
    reported = reported_status(report)
    drafts: list[Draft] = [(name, reported)] if _changes(found, reported) else []
    if report.filled > found.most_asked:
        drafts += alarms.exceeded(book, found, f"{report.filled} are filled")
    return drafts


def reported_status(report: StatusReport) -> Reported:
    """An orderStatus as it is recorded."""
    state = lifecycle.state_of(report.status)
    return Reported(report.perm_id, state, report.filled, reason=report.why_held)


def of_execution(book: Book, report: ExecutionReport, client_id: int) -> list[Draft]:
    """What an execDetails says: a trade once, whatever the state of its order, and its corrections."""
    base, correction = split_id(report.execution_id)
    known = book.executions.get(base)
    if known is not None and split_id(known.execution_id)[1] >= correction:
        return []
    found = book.named(report.perm_id, report.order_ref, report.client_id)
    if found is None:
        return [(None, Executed(report)), *alarms.unrecorded(book, report, client_id)]
    name = found.client_order_id
    after = record.traded(found, book.execution(report, name))
    drafts: list[Draft] = [(name, Executed(report)), (name, _progressed(after))]
    if _is_new_twin(found, report.perm_id):
        drafts.append((name, Twinned(report.perm_id, report.order_id)))
        drafts += alarms.duplicate(book, found, report.perm_id)
    if after.fills.exceeds:
        drafts += alarms.exceeded(book, found, "more was traded")
    return drafts


def of_commission(book: Book, report: CommissionReport) -> list[Draft]:
    """What a commissionReport says; it may come before its trade."""
    if book.commissions.get(report.execution_id) == report:
        return []
    execution = book.costing(report)
    found = book.records.get(execution.client_order_id) if execution else None
    if execution is None or found is None:
        return [(None, Commissioned(report))]
    name = found.client_order_id
    return [(name, Commissioned(report)), (name, _progressed(record.traded(found, execution)))]


def of_error(book: Book, order_id: int, code: int, text: str) -> list[Draft]:
    """What an error on an order says; it names the order by its number only."""
    found = book.numbered(order_id)
    if found is None or (found.ib_code, found.reason) == (code, text):
        return []
    drafts: list[Draft] = [(found.client_order_id, Complained(code, text))]
    if code == lifecycle.DUPLICATE_ID and not found.is_acknowledged:
        drafts += alarms.collided(book, found)
    return drafts


def _of_foreign(book: Book, report: OrderReport, client_id: int) -> list[Draft]:
    if report.perm_id == 0 or not _is_news(book, report):
        return []
    return [(None, ForeignSeen(report)), *alarms.unrecorded(book, report, client_id)]


def _is_news(book: Book, report: OrderReport) -> bool:
    known = book.foreign.get(report.perm_id)
    if known is None:
        return True
    state, filled = lifecycle.state_of(report.status) or known.state, report.filled or known.filled
    return (known.state, known.spec, known.filled) != (state, report.spec or known.spec, filled)


def _reported(found: Record, report: OrderReport, source: Source) -> Reported:
    state = lifecycle.state_of(report.status)
    if source.is_completed and state is OrderState.INACTIVE:
        state = OrderState.REJECTED  # held ones are in the list of open orders
    spec = report.spec if state in lifecycle.ACCEPTED and report.perm_id not in found.twins else None
    priced = spec is not None and spec.type is OrderType.LIMIT
    return Reported(
        perm_id=report.perm_id,
        state=state,
        filled=report.filled,
        limit_price=spec.limit_price if spec and priced else None,
        quantity=spec.quantity if spec else None,
        reason=report.reason,
        overrules=source.read_since is not None and found.sequence <= source.read_since,
    )


def _changes(found: Record, reported: Reported) -> bool:
    return record.reported(found, reported) != found


def _is_new_twin(found: Record, perm_id: int) -> bool:
    return perm_id != 0 and found.perm_id not in {None, perm_id} and perm_id not in found.twins


def _agrees(told: OrderSpec | None, wanted: OrderSpec) -> bool:
    return told is not None and (told.limit_price, told.quantity) == (wanted.limit_price, wanted.quantity)


def _progressed(after: Record) -> Progressed:
    return Progressed(after.filled, after.fills.average_price)
