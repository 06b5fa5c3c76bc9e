"""Orders: the mesh's types ↔ ib_insync's, and the bytes that place, change and cancel them.

A combo is always bought (BUY) at a signed price; a single contract is bought or sold at a positive one. The
exits of a bracket trade the opposite at the value they are given. Prices leave as the shortest text of an
exact decimal. https://interactivebrokers.github.io/tws-api/spread_contracts.html
"""

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from ib_insync import ComboLeg, Contract, ExecutionFilter, Order, OrderComboLeg, TagValue
from ib_insync.client import Client

from ibkr_server.gateway.order_times import gateway_time
from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from mesh.errors import invalid_argument

EXCHANGE: Final = "SMART"
CURRENCY: Final = "USD"
NON_GUARANTEED: Final = "NonGuaranteed"
_OPENS, _CLOSES = "O", "C"
SIDES: Final = {1: "BUY", -1: "SELL"}


class _Encoder(Client):
    """The library's client without a socket: keeps the bytes that it would send."""

    def __init__(self, server_version: int) -> None:
        super().__init__(wrapper=None)  # type: ignore[no-untyped-call]  # the library's has no annotations
        self._serverVersion = server_version
        self.connState = Client.CONNECTED
        self.data = b""

    def sendMsg(self, msg: str) -> None:  # noqa: N802 - the library's name
        self.data += self._prefix(msg.encode())  # type: ignore[no-untyped-call]  # likewise


def encoded(server_version: int, send: Callable[[Any], object]) -> bytes:
    """The bytes of whatever `send` has the library's client say."""
    encoder = _Encoder(server_version)
    send(encoder)
    return encoder.data


def place_message(server_version: int, ticket: Ticket, symbol: str) -> bytes:
    """placeOrder, for a new order or a changed one; `symbol` is the underlying's.

    Raises:
        MeshError: INVALID_ARGUMENT where the wire can't carry it exactly.
    """
    contract, order = to_contract(ticket.spec, symbol), to_order(ticket)
    return encoded(server_version, lambda client: client.placeOrder(ticket.order_id, contract, order))


def what_if_message(server_version: int, order_id: int, spec: OrderSpec, symbol: str) -> bytes:
    """PlaceOrder as a question: nothing is placed. Raises as `place_message`."""
    contract = to_contract(spec, symbol)
    order = to_order(Ticket(order_id, "", replace(spec, oca=None)))
    order.whatIf = True
    return encoded(server_version, lambda client: client.placeOrder(order_id, contract, order))


def cancel_message(server_version: int, order_id: int) -> bytes:
    """CancelOrder."""
    return encoded(server_version, lambda client: client.cancelOrder(order_id))


def cancel_everything_message(server_version: int) -> bytes:
    """reqGlobalCancel: every order of the login."""
    return encoded(server_version, lambda client: client.reqGlobalCancel())


def open_orders_message(server_version: int) -> bytes:
    """reqAllOpenOrders: those of every client and of people."""
    return encoded(server_version, lambda client: client.reqAllOpenOrders())


def completed_orders_message(server_version: int) -> bytes:
    """reqCompletedOrders, those of people too."""
    return encoded(server_version, lambda client: client.reqCompletedOrders(False))


def executions_message(server_version: int, request_id: int) -> bytes:
    """reqExecutions: all of today."""
    return encoded(server_version, lambda client: client.reqExecutions(request_id, ExecutionFilter()))


def next_order_id_message(server_version: int) -> bytes:
    """ReqIds."""
    return encoded(server_version, lambda client: client.reqIds(1))


def to_contract(spec: OrderSpec, symbol: str) -> Contract:
    """What is traded: a single contract by its number, several as a combo. Raises as `place_message`."""
    if not spec.is_combo:
        if abs(spec.legs[0].ratio) != 1:
            raise invalid_argument("legs[0].ratio", "1 or -1 for a single contract")
        return Contract(conId=spec.legs[0].con_id, exchange=EXCHANGE)
    legs = [_leg(leg) for leg in spec.legs]
    text = _text("symbol", symbol)
    return Contract(secType="BAG", symbol=text, exchange=EXCHANGE, currency=CURRENCY, comboLegs=legs)


def to_order(ticket: Ticket) -> Order:
    """How it is traded. Raises as `place_message`."""
    spec = ticket.spec
    side = _side(ticket)
    sign = 1 if spec.is_combo else _sign(spec.legs[0])
    order = Order(
        orderId=ticket.order_id,
        action=SIDES[side],
        totalQuantity=spec.quantity,
        orderType=spec.type.value,
        tif=spec.time_in_force.value,
        goodTillDate=gateway_time(spec.good_till) if spec.good_till else "",
        orderRef=_text("client_order_id", ticket.order_ref),
        parentId=ticket.parent_id,
        transmit=ticket.transmit,
        account=_text("account", spec.account),
        openClose=_CLOSES if ticket.is_exit else _OPENS,
        outsideRth=False,
    )
    if spec.oca is not None:
        order.ocaGroup, order.ocaType = _text("oca.name", spec.oca.name), spec.oca.type.value
    if spec.non_guaranteed:
        order.smartComboRoutingParams = [TagValue(NON_GUARANTEED, "1")]
    if ticket.stop_price is not None:
        order.auxPrice = _price("stop_price", sign * ticket.stop_price, spec)
    prices = [leg.price for leg in spec.legs if leg.price is not None]
    if prices and not ticket.is_exit:
        if len(prices) != len(spec.legs) or not spec.non_guaranteed:
            raise invalid_argument("legs", "all have prices or none, and only where not guaranteed")
        order.orderComboLegs = [OrderComboLeg(_exact("legs.price", price)) for price in prices]
    elif spec.type is OrderType.LIMIT and spec.limit_price is not None:
        order.lmtPrice = _price("limit_price", sign * spec.limit_price, spec)
    return order


def _side(ticket: Ticket) -> int:
    entry = 1 if ticket.spec.is_combo else _sign(ticket.spec.legs[0])
    return -entry if ticket.is_exit else entry


def _sign(leg: OrderLeg) -> int:
    return 1 if leg.ratio > 0 else -1


def _leg(leg: OrderLeg) -> ComboLeg:
    return ComboLeg(leg.con_id, abs(leg.ratio), SIDES[_sign(leg)], EXCHANGE)


def _price(field: str, price: Decimal, spec: OrderSpec) -> float:
    number = _exact(field, price)
    if number < 0 and not spec.is_combo:
        raise invalid_argument(field, "one contract is bought for a debit and sold for a credit")
    return number


def _exact(field: str, price: Decimal) -> float:
    """The number whose text is this decimal: what the library writes."""
    number = float(price) if price.is_finite() else math.nan
    text = str(number)
    if "e" in text or Decimal(text) != price:
        raise invalid_argument(field, f"{price} can't be sent exactly")
    return number + 0.0  # no negative zero


def _text(field: str, text: str) -> str:
    """Text that can't break out of its field: the wire ends fields with NUL."""
    if not text.isascii() or not (text.isprintable() or not text):
        raise invalid_argument(field, "must be printable ASCII")
    return text
