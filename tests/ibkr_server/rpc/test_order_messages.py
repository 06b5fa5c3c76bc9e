"""Everything that is known of an order, a trade and a preview is told, each figure in its own field."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from google.protobuf.json_format import MessageToDict

from ibkr_server.desk.answers import ControlChange, Halt, TradingStatus, WatchEvent
from ibkr_server.orders.broker import WhatIf
from ibkr_server.orders.order import Execution, Order, OrderState, Origin
from ibkr_server.orders.spec import INEXPRESSIBLE, OrderLeg, OrderSpec, OrderType
from ibkr_server.risk.preview import Preview
from ibkr_server.risk.prices import PriceView
from ibkr_server.risk.rules import Violation
from ibkr_server.rpc import order_messages as messages
from ibkr_server.rpc import preview_messages

D = Decimal
AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SPEC = OrderSpec((OrderLeg(101, 1), OrderLeg(102, -1)), 5, OrderType.LIMIT, D("1.05"), account="DU1")
ORDER = Order(
    client_order_id="c1/profit",
    order_id=7,
    spec=SPEC,
    state=OrderState.SUBMITTED,
    created=AT,
    updated=AT + timedelta(seconds=1),
    sequence=9,
    request_hash="not told",
    perm_id=1001,
    reason="held",
    ib_code=399,
    filled=D(2),
    average_price=D("-1.06"),
    commission=D("1.30"),
    revision=3,
    origin=Origin.OTHER_CLIENT,
    owner="alice",
    parent="c1",
    lease_id="lease",
)


def test_an_order():
    told = MessageToDict(messages.order(ORDER), preserving_proto_field_name=True)
    assert told.pop("spec")["account"] == "DU1"
    assert told == {
        "client_order_id": "c1/profit",
        "perm_id": "1001",
        "order_id": 7,
        "state": "ORDER_STATE_SUBMITTED",
        "reason": "held",
        "ib_code": 399,
        "filled_quantity": {"value": "2"},
        "remaining_quantity": {"value": "3"},
        "average_price": {"value": "-1.06"},
        "commission": {"value": "1.30"},
        "revision": 3,
        "origin": "ORDER_ORIGIN_OTHER_CLIENT",
        "owner": "alice",
        "parent_client_order_id": "c1",
        "lease_id": "lease",
        "created_time": "2026-11-20T15:00:00Z",
        "updated_time": "2026-11-20T15:00:01Z",
        "sequence": "9",
    }


@pytest.mark.parametrize("state", OrderState)
def test_every_state_has_a_name_in_the_contract(state):
    order = Order("c1", 1, INEXPRESSIBLE, state, AT, AT, 1)
    told = messages.order(order)
    assert told.state
    assert not any(told.HasField(name) for name in ("perm_id", "ib_code", "average_price", "commission"))


def test_a_trade():
    trade = Execution(
        "e.01", "c1", 1001, "DU1", 101, True, D(-2), D("1.05"), AT, "CBOE", D("0.65"), D("-3.5")
    )
    assert MessageToDict(messages.execution(trade), preserving_proto_field_name=True) == {
        "execution_id": "e.01",
        "client_order_id": "c1",
        "perm_id": "1001",
        "account": "DU1",
        "con_id": "101",
        "combo": True,
        "quantity": {"value": "-2"},
        "price": {"value": "1.05"},
        "time": "2026-11-20T15:00:00Z",
        "exchange": "CBOE",
        "commission": {"value": "0.65"},
        "realized_pnl": {"value": "-3.5"},
    }


@pytest.mark.parametrize(
    ("change", "kind"),
    [(ORDER, "order"), (ControlChange(True, "enough", "alert"), "control")],
    ids=["order", "control"],
)
def test_an_event(change, kind):
    told = messages.event(WatchEvent(9, 4, AT, change))
    assert (told.sequence, told.previous_sequence, told.WhichOneof("event")) == (9, 4, kind)
    assert told.time.ToDatetime(UTC) == AT


def test_whether_orders_can_be_placed():
    halt = Halt(5, "enough", "alert", AT)
    status = TradingStatus(False, ["halted"], halt, True, True, 1, 2, ["DU1"], "epoch", 8)
    told = messages.trading_status(status, [])
    assert (told.can_place, list(told.reasons), told.trading_enabled, told.reconciled) == (
        False,
        ["halted"],
        True,
        True,
    )
    assert (told.halt.sequence, told.halt.reason, told.halt.by) == (5, "enough", "alert")
    assert (told.unknown_orders, told.open_orders, list(told.accounts)) == (1, 2, ["DU1"])
    assert (told.journal_epoch, told.journal_sequence) == ("epoch", 8)


def test_a_preview():
    amounts = [D(number) for number in range(1, 10)]
    view = PriceView(D("1.09"), D("1.05"), D("1.06"), D("0.01"), 0.5)
    violations = (Violation("MAX_LOSS", "order", "too much"),)
    found = Preview("token", AT, WhatIf(*amounts, "careful"), view, None, violations)
    told = MessageToDict(preview_messages.preview(found), preserving_proto_field_name=True)
    names = ("initial", "maintenance", "equity")
    margin = [told["margin"][f"{name}_{when}"]["value"] for name in names for when in ("before", "after")]
    assert margin == ["1", "2", "3", "4", "5", "6"]
    assert [told[f"{each}commission"]["value"] for each in ("", "min_", "max_")] == ["7", "8", "9"]
    assert [told["prices"][each]["value"] for each in ("natural", "mid", "suggested_limit", "tick")] == [
        "1.09",
        "1.05",
        "1.06",
        "0.01",
    ]
    assert told["violations"] == [{"limit": "MAX_LOSS", "description": "too much"}]
    assert (told["token"], told["warning"], "max_loss" in told) == ("token", "careful", False)
