from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_insync import Contract, Order, OrderState

from ibkr_server.gateway.order_reports import order_report, to_spec
from ibkr_server.gateway.order_times import gateway_time, time_of
from ibkr_server.gateway.order_translation import place_message, to_contract, to_order, what_if_message
from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.spec import Bracket, Oca, OcaType, OrderLeg, OrderSpec, OrderType, TimeInForce
from mesh.errors import MeshError

VERSION = 176
SPREAD = OrderSpec((OrderLeg(1, 1), OrderLeg(2, -2)), 3, OrderType.LIMIT, Decimal("-1.25"))
CALL = OrderSpec((OrderLeg(7, 1),), 1, OrderType.LIMIT, Decimal("2.50"))
WRITTEN = OrderSpec((OrderLeg(7, -1),), 1, OrderType.LIMIT, Decimal("-2.50"))

prices = st.decimals("-9999", "9999", places=4)
ratios = st.integers(-8, 8).filter(bool)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=32)


@st.composite
def specs(draw: st.DrawFn) -> OrderSpec:
    """Orders that the checks of requests let pass."""
    numbers = draw(st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=4, unique=True))
    kind = draw(st.sampled_from([OrderType.LIMIT, OrderType.MARKET]))
    limit = draw(prices) if kind is OrderType.LIMIT else None
    non_guaranteed = len(numbers) == 2 and draw(st.booleans())
    legs = [OrderLeg(number, draw(ratios)) for number in numbers]
    if len(legs) == 1:
        legs = [OrderLeg(numbers[0], draw(st.sampled_from([1, -1])))]
        limit = None if limit is None else abs(limit) * legs[0].ratio
    elif non_guaranteed and limit is not None and draw(st.booleans()):
        legs = [replace(leg, price=abs(draw(prices))) for leg in legs]
        limit = sum((leg.ratio * leg.price for leg in legs if leg.price is not None), Decimal(0))
    tif = draw(st.sampled_from(TimeInForce))
    return OrderSpec(
        legs=tuple(legs),
        quantity=draw(st.integers(1, 10**6)),
        type=kind,
        limit_price=limit,
        time_in_force=tif,
        good_till=draw(moments).replace(microsecond=0) if tif is TimeInForce.GTD else None,
        non_guaranteed=non_guaranteed,
        oca=draw(st.none() | st.builds(Oca, texts, st.sampled_from(OcaType))),
        account=draw(st.just("") | texts),
    )


def fields(message: bytes) -> list[str]:
    return message[4:].decode().split("\0")[:-1]


@given(specs(), texts)
def test_an_order_comes_back_as_it_went(spec: OrderSpec, ref: str) -> None:
    contract, order = to_contract(spec, "SPY"), to_order(Ticket(5, ref, spec))
    report = order_report(contract, order, OrderState(status="Submitted"))
    assert report.spec == spec
    assert (report.order_id, report.order_ref, report.account) == (5, ref, spec.account)


@given(specs())
def test_an_exit_trades_the_opposite_at_the_value_it_is_given(spec: OrderSpec) -> None:
    guaranteed = replace(
        spec, non_guaranteed=False, legs=tuple(replace(leg, price=None) for leg in spec.legs)
    )
    order = to_order(Ticket(5, "exit", guaranteed, is_exit=True))
    report = order_report(to_contract(guaranteed, "SPY"), order, OrderState())
    opposite = tuple(OrderLeg(leg.con_id, -leg.ratio) for leg in spec.legs)
    limit = None if spec.limit_price is None else -spec.limit_price
    assert report.spec == replace(guaranteed, legs=opposite, limit_price=limit)


@pytest.mark.parametrize(
    ("spec", "is_exit", "side", "price"),
    [
        (SPREAD, False, "BUY", "-1.25"),
        (replace(SPREAD, limit_price=Decimal("-0.40")), True, "SELL", "-0.4"),
        (CALL, False, "BUY", "2.5"),
        (replace(CALL, limit_price=Decimal("4")), True, "SELL", "4.0"),
        (WRITTEN, False, "SELL", "2.5"),
        (replace(WRITTEN, limit_price=Decimal("-0.40")), True, "BUY", "0.4"),
    ],
)
def test_side_and_price_on_the_wire(spec: OrderSpec, is_exit: bool, side: str, price: str) -> None:
    sent = fields(place_message(VERSION, Ticket(9, "mine", spec, is_exit=is_exit), "SPY"))
    assert sent[:2] == ["3", "9"]
    assert (sent[16], sent[19]) == (side, price)
    assert sent[17] == str(spec.quantity)
    assert sent[26] == "mine"


def test_a_combo_is_routed_by_its_legs() -> None:
    sent = fields(place_message(VERSION, Ticket(9, "mine", SPREAD), "SPY"))
    assert sent[2:14] == ["0", "SPY", "BAG", "", "0.0", "", "", "SMART", "", "USD", "", ""]
    assert sent[35] == "2"
    assert sent[36:44] == ["1", "1", "BUY", "SMART", "0", "0", "", "-1"]
    assert sent[44:52] == ["2", "2", "SELL", "SMART", "0", "0", "", "-1"]
    assert sent[52:54] == ["0", "0"]  # no prices of legs, no routing: guaranteed


def test_prices_of_legs_go_instead_of_a_net_price_and_only_where_legs_may_be_filled_apart() -> None:
    legs = (OrderLeg(1, 1, Decimal("3.10")), OrderLeg(2, -1, Decimal("1.05")))
    spec = replace(SPREAD, legs=legs, limit_price=Decimal("2.05"), non_guaranteed=True)
    sent = fields(place_message(VERSION, Ticket(9, "mine", spec), "SPY"))
    assert sent[19] == ""
    assert sent[52:58] == ["2", "3.1", "1.05", "1", "NonGuaranteed", "1"]


def test_a_stop_leaves_with_its_trigger_in_the_terms_of_its_contract() -> None:
    stop = replace(WRITTEN, type=OrderType.STOP, limit_price=None)
    sent = fields(
        place_message(
            VERSION,
            Ticket(9, "x", stop, parent_id=8, is_exit=True, stop_price=Decimal("-5"), transmit=False),
            "",
        )
    )
    assert (sent[16], sent[18], sent[19], sent[20]) == ("BUY", "STP", "", "5.0")
    assert (sent[27], sent[28]) == ("0", "8")


@pytest.mark.parametrize("spec", [SPREAD, CALL, WRITTEN])
def test_the_stop_of_a_bracket_comes_back_as_the_bracket_has_it(spec: OrderSpec) -> None:
    bracket = replace(spec, bracket=Bracket(stop_loss=spec.limit_price and spec.limit_price - 1))
    wanted = bracket.exits()["stop"]
    sold = wanted.reversed()
    ticket = Ticket(5, "stop", replace(sold, limit_price=None), is_exit=True, stop_price=sold.limit_price)
    order = to_order(ticket)
    assert to_spec(to_contract(sold, "SPY"), order) == wanted


@pytest.mark.parametrize(
    "spec",
    [
        replace(CALL, legs=(OrderLeg(7, 2),)),
        replace(SPREAD, legs=(OrderLeg(1, 1, Decimal(1)), OrderLeg(2, -1)), non_guaranteed=True),
        replace(SPREAD, legs=(OrderLeg(1, 1, Decimal(1)), OrderLeg(2, -1, Decimal(1)))),
    ],
)
def test_what_would_be_sent_as_something_else_is_refused(spec: OrderSpec) -> None:
    with pytest.raises(MeshError, match="INVALID_ARGUMENT: legs"):
        place_message(VERSION, Ticket(9, "mine", spec), "SPY")


@pytest.mark.parametrize(
    "price",
    ["0.00001", "123456789012345678.1", "1e300", "NaN", "Infinity", "0.1000000000000000055511151231257827"],
)
def test_what_the_wire_cannot_carry_exactly_is_refused(price: str) -> None:
    with pytest.raises(MeshError, match="INVALID_ARGUMENT"):
        place_message(VERSION, Ticket(9, "mine", replace(SPREAD, limit_price=Decimal(price))), "SPY")


@pytest.mark.parametrize(
    "spec", [replace(CALL, limit_price=Decimal(-1)), replace(WRITTEN, limit_price=Decimal(1))]
)
def test_one_contract_is_not_sold_for_a_debit(spec: OrderSpec) -> None:
    with pytest.raises(MeshError, match="limit_price"):
        place_message(VERSION, Ticket(9, "mine", spec), "")


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "é"])
def test_text_cannot_break_out_of_its_field(text: str) -> None:
    for ticket in (
        Ticket(9, text, CALL),
        Ticket(9, "", replace(CALL, account=text)),
        Ticket(9, "", replace(CALL, oca=Oca(text, OcaType.CANCEL_WITH_BLOCK))),
    ):
        with pytest.raises(MeshError, match="INVALID_ARGUMENT"):
            place_message(VERSION, ticket, "")


def test_a_what_if_is_the_same_order_with_a_flag_and_outside_of_every_group() -> None:
    spec = replace(CALL, oca=Oca("group", OcaType.CANCEL_WITH_BLOCK))
    asked = fields(what_if_message(VERSION, 9, spec, ""))
    placed = fields(place_message(VERSION, Ticket(9, "", CALL), ""))
    changed = [(before, after) for before, after in zip(placed, asked, strict=True) if before != after]
    assert changed == [("0", "1")]


@given(moments)
def test_times_come_back_to_the_second(moment: datetime) -> None:
    assert time_of(gateway_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("20261120-21:00:00", 21), ("20261120 16:00:00 US/Eastern", 21), ("20260720 16:00:00 US/Eastern", 20)],
)
def test_times_of_the_gateway(text: str, hour: int) -> None:
    found = time_of(text)
    assert found is not None
    assert (found.hour, found.tzinfo) == (hour, UTC)


@pytest.mark.parametrize(
    "text", ["", "20261120 16:00:00", "20261120 16:00:00 Mars/Base", "20261320-00:00:00", "x y z"]
)
def test_a_time_whose_zone_nobody_tells_is_none(text: str) -> None:
    assert time_of(text) is None


@pytest.mark.parametrize(
    "change",
    [
        {"action": "SSHORT"},
        {"orderType": "STP LMT"},
        {"tif": "OPG"},
        {"totalQuantity": 0.5},
        {"totalQuantity": 0.0},
        {"tif": "GTD", "goodTillDate": "20261120 16:00:00"},
        {"ocaGroup": "group", "ocaType": 0},
    ],
)
def test_orders_of_other_kinds_have_no_spec(change: dict[str, object]) -> None:
    order = Order(action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=1.0, tif="DAY")
    assert to_spec(Contract(conId=7, secType="OPT"), order) is not None
    for name, value in change.items():
        setattr(order, name, value)
    report = order_report(Contract(conId=7, secType="OPT", localSymbol="SPY X"), order, OrderState())
    assert report.spec is None
    assert report.summary.startswith(f"{order.action} {order.totalQuantity:g} SPY X {order.orderType}")
