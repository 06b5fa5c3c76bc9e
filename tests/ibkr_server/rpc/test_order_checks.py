"""An order as a message: what makes no sense is told, all of it at once, and what makes sense stays exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1 import order_pb2 as pb
from spreadmesh.order.v1.order_service_pb2 import PlaceOrderRequest

from ibkr_server.orders.spec import Bracket, OrderLeg, OrderType, TimeInForce
from ibkr_server.rpc import order_fields as fields
from ibkr_server.rpc import order_messages as messages
from ibkr_server.rpc.order_checks import order_spec, spec_violations
from ibkr_server.rpc.order_requests import placement
from mesh.errors import MeshError
from tests.ibkr_server.rpc.order_samples import NOW, vertical
from tests.ibkr_server.rpc.wrong_orders import SOUND_ORDERS, WRONG_ORDERS


def found(order: pb.OrderSpec) -> dict[str, str]:
    return dict(spec_violations(order, NOW))


@pytest.mark.parametrize("wrong", WRONG_ORDERS)
def test_what_makes_no_sense_is_told_by_its_field(wrong):
    change, field = WRONG_ORDERS[wrong]
    order = vertical()
    change(order)
    assert field in found(order)


@pytest.mark.parametrize("sound", SOUND_ORDERS)
def test_what_makes_sense_comes_back_as_it_was_sent(sound):
    order = vertical()
    SOUND_ORDERS[sound](order)
    assert found(order) == {}
    spec = order_spec(order)
    again = messages.spec(spec)
    assert order_spec(again) == spec
    for message in (order, again):  # "+1.05" is told as "1.05"
        message.limit_price.value = str(Decimal(message.limit_price.value or "0").normalize())
    assert again == order


def test_every_field_is_kept():
    order = vertical()
    SOUND_ORDERS["a bracket"](order)
    SOUND_ORDERS["until tomorrow"](order)
    spec = order_spec(order)
    assert spec.legs == (OrderLeg(101, 1), OrderLeg(102, -1))
    assert (spec.quantity, spec.type, spec.limit_price) == (2, OrderType.LIMIT, Decimal("1.05"))
    assert spec.time_in_force is TimeInForce.GTD
    assert spec.good_till is not None
    assert (spec.good_till - NOW).days == 1
    assert spec.bracket == Bracket(Decimal("2.00"), Decimal("0.50"))


def test_all_that_is_wrong_is_told_at_once():
    request = PlaceOrderRequest(client_order_id="a b", preview_token="é", lease_id="x y")
    request.order.quantity = 0
    with pytest.raises(MeshError) as caught:
        placement(request, NOW)
    (bad,) = caught.value.details
    assert [violation.field for violation in bad.field_violations] == [
        "client_order_id",
        "order.legs",
        "order.quantity",
        "order.type",
        "order.time_in_force",
        "preview_token",
        "lease_id",
    ]


def test_no_more_than_ten_are_told_and_little_of_what_was_sent():
    request = PlaceOrderRequest(client_order_id="\N{SNOWMAN}" * 100_000, order=vertical())
    for leg in request.order.legs:
        leg.con_id = leg.ratio = 0
        leg.price.value = "-1e9"
    request.order.limit_price.value = "x" * 100_000
    request.order.bracket.profit_taker.value = "x" * 24
    request.order.bracket.stop_loss.value = "y" * 24
    request.order.account = "\N{SNOWMAN}" * 100_000
    with pytest.raises(MeshError) as caught:
        placement(request, NOW)
    (bad,) = caught.value.details
    assert len(bad.field_violations) == 10
    assert bad.ByteSize() < 2_000
    assert caught.value.message.isascii()


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**7), max_value=10**7, places=6))
def test_a_decimal_is_exact(value):
    message = DecimalMessage(value=f"{value:f}")
    assert list(fields.price("price", message)) == []
    assert fields.decimal(message) == value
    assert Decimal(str(float(value))) == value, "it must survive the double that TWS makes of it"


@given(st.text(max_size=30))
def test_no_text_is_a_price_by_accident(text):
    if not list(fields.price("price", DecimalMessage(value=text))):
        assert set(text) <= set("+-.0123456789")
        assert len(text) <= 24
        assert abs(Decimal(text)) <= 10**7


def test_zero_has_no_sign():
    assert str(fields.decimal(DecimalMessage(value="-0.00"))) == "0.00"


def test_a_mean_of_many_digits_is_told_in_few():
    told = messages.decimal(Decimal(1) / 3)
    assert told is not None
    assert told.value == "0.333333333333333"
    exact = messages.decimal(Decimal("-1.050"))
    assert exact is not None
    assert exact.value == "-1.050"
    large = messages.decimal(Decimal("1E+3"))
    assert large is not None
    assert large.value == "1000"
