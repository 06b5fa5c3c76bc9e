"""OrderSpec: whether the message makes sense by itself, and the order that it stands for.

What takes more than the message to judge (ticks, underlyings, limits) is the desk's and the risk gate's.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import gcd
from typing import Final

from google.protobuf.message import Message
from spreadmesh.order.v1 import order_pb2 as pb

from ibkr_server.orders.spec import (
    Bracket,
    Oca,
    OcaType,
    OrderLeg,
    OrderSpec,
    OrderType,
    TimeInForce,
)
from ibkr_server.rpc import order_fields as fields
from ibkr_server.rpc.order_fields import Violations

MAX_LEGS: Final = 4
MAX_RATIO: Final = 1_000
UNSET: Final = 2**31 - 1
"""IB's number for none: an order of so many would be one of an unknown size."""

TYPES: Final = {pb.ORDER_TYPE_LIMIT: OrderType.LIMIT, pb.ORDER_TYPE_MARKET: OrderType.MARKET}
TIMES: Final = {
    pb.TIME_IN_FORCE_DAY: TimeInForce.DAY,
    pb.TIME_IN_FORCE_GTC: TimeInForce.GTC,
    pb.TIME_IN_FORCE_GTD: TimeInForce.GTD,
    pb.TIME_IN_FORCE_IOC: TimeInForce.IOC,
}
OCA_TYPES: Final = {
    pb.OCA_TYPE_CANCEL_WITH_BLOCK: OcaType.CANCEL_WITH_BLOCK,
    pb.OCA_TYPE_REDUCE_WITH_BLOCK: OcaType.REDUCE_WITH_BLOCK,
    pb.OCA_TYPE_REDUCE_WITHOUT_BLOCK: OcaType.REDUCE_WITHOUT_BLOCK,
}


def spec_violations(message: pb.OrderSpec, now: datetime) -> Violations:
    """All that is wrong with an order."""
    yield from _legs(message.legs)
    yield from _quantity(message)
    yield from _pricing(message)
    yield from _duration(message, now)
    yield from _filling(message)
    if message.HasField("oca"):
        yield from _oca(message.oca)
    if message.HasField("bracket"):
        yield from _bracket(message)
    yield from fields.account("order.account", message.account)


def order_spec(message: pb.OrderSpec) -> OrderSpec:
    """The order that a sound message stands for."""
    return OrderSpec(
        legs=tuple(_leg(leg) for leg in message.legs),
        quantity=message.quantity,
        type=TYPES[message.type],
        limit_price=_price(message, "limit_price"),
        time_in_force=TIMES[message.time_in_force],
        good_till=fields.moment(message.good_till) if message.HasField("good_till") else None,
        non_guaranteed=message.non_guaranteed,
        oca=Oca(message.oca.name, OCA_TYPES[message.oca.type]) if message.HasField("oca") else None,
        bracket=_exits(message.bracket) if message.HasField("bracket") else None,
        account=message.account,
    )


def _leg(leg: pb.OrderLeg) -> OrderLeg:
    return OrderLeg(leg.con_id, leg.ratio, _price(leg, "price"))


def _exits(bracket: pb.Bracket) -> Bracket:
    return Bracket(_price(bracket, "profit_taker"), _price(bracket, "stop_loss"))


def _price(message: Message, field: str) -> Decimal | None:
    """A decimal; None where it is absent or not sound."""
    if not message.HasField(field) or any(fields.price(field, getattr(message, field))):
        return None
    return fields.decimal(getattr(message, field))


def _legs(legs: Sequence[pb.OrderLeg]) -> Violations:
    if not 1 <= len(legs) <= MAX_LEGS:
        yield "order.legs", f"1 to {MAX_LEGS} legs, not {len(legs)}"
        return
    for index, leg in enumerate(legs):
        field = f"order.legs[{index}]"
        if not 0 < leg.con_id <= fields.MAX_CON_ID:
            yield f"{field}.con_id", f"{leg.con_id} is no contract number of IB's"
        elif any(leg.con_id == other.con_id for other in legs[:index]):
            yield f"{field}.con_id", f"{leg.con_id} is in a leg before"
        if not 0 < abs(leg.ratio) <= MAX_RATIO:
            yield f"{field}.ratio", f"1 to {MAX_RATIO} bought, or sold as a negative number, not {leg.ratio}"
        if leg.HasField("price"):
            yield from _leg_price(f"{field}.price", leg)
    divisor = gcd(*(leg.ratio for leg in legs))
    if divisor > 1:
        rule = "1 or -1 for a single contract" if len(legs) == 1 else f"divide all ratios by {divisor}"
        yield "order.legs", f"{rule}, and multiply quantity"


def _leg_price(field: str, leg: pb.OrderLeg) -> Violations:
    yield from fields.price(field, leg.price)
    price = _price(leg, "price")
    if price is not None and price < 0:
        yield field, f"{price} is negative: the price of a leg alone has no sign"


def _quantity(message: pb.OrderSpec) -> Violations:
    largest = max((abs(leg.ratio) for leg in message.legs), default=1)
    if not message.quantity:
        yield "order.quantity", "must be positive"
    elif message.quantity * largest >= UNSET:
        yield "order.quantity", f"{message.quantity} units have a leg of more than {UNSET - 1} contracts"


def _pricing(message: pb.OrderSpec) -> Violations:
    has_leg_prices = any(leg.HasField("price") for leg in message.legs)
    if message.type not in TYPES:
        yield "order.type", "must be a limit or a market order"
    if message.type == pb.ORDER_TYPE_MARKET and message.HasField("limit_price"):
        yield "order.limit_price", "a market order has none"
    elif message.type == pb.ORDER_TYPE_LIMIT and not (message.HasField("limit_price") or has_leg_prices):
        yield "order.limit_price", "a limit order needs one"
    elif message.HasField("limit_price"):
        yield from fields.price("order.limit_price", message.limit_price)
    yield from signs("order.limit_price", message.legs, _price(message, "limit_price"))
    yield from _leg_prices(message)


def signs(field: str, legs: Sequence[pb.OrderLeg | OrderLeg], price: Decimal | None) -> Violations:
    """A single contract costs or brings something; only a combo's price may have either sign."""
    if price is None or len(legs) != 1:
        return
    ratio = legs[0].ratio
    if (ratio > 0 and price <= 0) or (ratio < 0 and price >= 0):
        side = "bought is positive" if ratio > 0 else "sold is negative: it is received"
        yield field, f"the price of a single contract that is {side}, not {price}"


def _leg_prices(message: pb.OrderSpec) -> Violations:
    priced = [leg for leg in message.legs if leg.HasField("price")]
    if not priced:
        return
    if not message.non_guaranteed:
        yield "order.legs", "legs have prices of their own only where non_guaranteed"
    if len(priced) != len(message.legs):
        yield "order.legs", "all legs have a price of their own or none has"


def _duration(message: pb.OrderSpec, now: datetime) -> Violations:
    if message.time_in_force not in TIMES:
        yield "order.time_in_force", "must be one of DAY, GTC, GTD and IOC"
    is_gtd = message.time_in_force == pb.TIME_IN_FORCE_GTD
    if not message.HasField("good_till"):
        if is_gtd:
            yield "order.good_till", "a GTD order needs one"
        return
    if not is_gtd:
        yield "order.good_till", "only a GTD order has one"
    impossible = list(fields.instant("order.good_till", message.good_till))
    yield from impossible
    if not impossible and fields.moment(message.good_till) <= now:
        yield "order.good_till", f"{fields.moment(message.good_till):%Y-%m-%dT%H:%M:%SZ} is past"


def _filling(message: pb.OrderSpec) -> Violations:
    if message.non_guaranteed and len(message.legs) != 2:
        yield "order.non_guaranteed", f"allowed with two legs, not {len(message.legs)}"


def _oca(oca: pb.OcaGroup) -> Violations:
    yield from fields.oca_name("order.oca.name", oca.name)
    if oca.type not in OCA_TYPES:
        yield "order.oca.type", "must be one of the kinds of groups"


def _bracket(message: pb.OrderSpec) -> Violations:
    exits = [name for name in ("profit_taker", "stop_loss") if message.bracket.HasField(name)]
    if not exits:
        yield "order.bracket", "needs a profit_taker, a stop_loss or both"
    for name in exits:
        field = f"order.bracket.{name}"
        yield from fields.price(field, getattr(message.bracket, name))
        yield from signs(field, message.legs, _price(message.bracket, name))
    limit, bracket = _price(message, "limit_price"), _exits(message.bracket)
    profit, loss = bracket.profit_taker, bracket.stop_loss
    if profit is not None and limit is not None and profit <= limit:
        yield "order.bracket.profit_taker", f"{profit} must be greater than the limit, {limit}"
    if loss is not None and limit is not None and loss >= limit:
        yield "order.bracket.stop_loss", f"{loss} must be less than the limit, {limit}"
    if profit is not None and loss is not None and profit <= loss:
        yield "order.bracket", f"profit_taker, {profit}, must be greater than stop_loss, {loss}"
