"""However reports of one order are interleaved and repeated, it ends the same, as its journal tells."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.orders.broker import CommissionReport
from ibkr_server.orders.order import Order, OrderState
from tests.ibkr_server.orders.reports import Desk, Report, folded, order, status, trade

COSTS = [
    CommissionReport(trade(n, leg, 1).execution_id, Decimal("0.65"), None) for n in (1, 2) for leg in (0, 1)
]
FILLED: list[list[Report]] = [
    [order("PreSubmitted"), order("Submitted")],
    [status("PreSubmitted"), status("Submitted"), status("Submitted", 1), status("Filled", 3)],
    [trade(1, 0, 1, "2.10"), trade(2, 0, 2, "2.20")],
    [trade(1, 1, 1, "0.40"), trade(2, 1, 2, "0.50")],
    [*COSTS],
    [(399, "held until the market opens"), (10349, "a preset was applied")],
]
CANCELLED: list[list[Report]] = [
    [order("PreSubmitted"), order("Submitted")],
    [status("Submitted"), status("Submitted", 1), status("Cancelled", 1)],
    [trade(1, 0, 1, "2.10")],
    [trade(1, 1, 1, "0.40")],
    [(202, "cancelled")],
]
CORRECTED: list[list[Report]] = [
    [order("Submitted")],
    [status("Submitted")],
    [trade(1, 0, 3, "2.10"), trade(1, 0, 2, "2.10", correction=2)],
    [trade(1, 1, 3, "0.40"), trade(1, 1, 2, "0.40", correction=2)],
]

ALL = [report for channel in FILLED + CANCELLED + CORRECTED for report in channel]


@st.composite
def interleaved(draw: st.DrawFn, channels: list[list[Report]]) -> list[Report]:
    """Every report in the order of its channel; each is repeated at will, at once or later."""
    waiting = [list(channel) for channel in channels]
    told: list[Report] = []
    while any(waiting):
        channel = draw(st.sampled_from([each for each in waiting if each]))
        told.append(channel.pop(0))
        if draw(st.booleans()):
            again = [report for report in told if hasattr(report, "execution_id")]
            told.append(draw(st.sampled_from([told[-1], *again])))
    return told


def heard(reports: list[Report]) -> Order:
    desk = Desk()
    for report in reports:
        desk.hear(report)
    assert folded(desk.entries) == desk.book
    assert desk.book.halt is None
    return replace(desk.order, sequence=0, updated=desk.order.created, reason="", ib_code=None)


@pytest.mark.parametrize(
    ("channels", "state", "filled", "average"),
    [
        (FILLED, OrderState.FILLED, 3, "1.23333333"),
        (CANCELLED, OrderState.CANCELLED, 1, "1.3"),
        (CORRECTED, OrderState.SUBMITTED, 2, "1.3"),
    ],
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_it_ends_the_same(channels, state, filled, average, data):
    found = heard(data.draw(interleaved(channels)))
    assert (found.state, found.filled, found.average_price) == (state, filled, Decimal(average))
    assert found == heard([report for channel in channels for report in channel])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(ALL)))
def test_any_nonsense_keeps_every_trade_and_the_journal_tells_it_all(reports: list[Report]):
    desk = Desk()
    for report in reports:
        desk.hear(report)
        assert folded(desk.entries) == desk.book
    told = {r.execution_id.rpartition(".")[0] for r in reports if hasattr(r, "con_id")}
    assert set(desk.book.executions) == told
    before = len(desk.entries)
    for report in reports:
        if hasattr(report, "con_id"):
            desk.hear(report)
    assert len(desk.entries) == before
