"""A sound request for every RPC of the order services, and what can be wrong with each."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.common.v1.decimal_pb2 import Decimal
from spreadmesh.order.v1 import (
    control_service_pb2,
    execution_pb2,
    order_service_pb2,
    preview_pb2,
    watch_pb2,
)
from spreadmesh.order.v1 import order_pb2 as pb

NOW: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SERVICES: Final = (
    order_service_pb2.DESCRIPTOR.services_by_name["OrderService"],
    control_service_pb2.DESCRIPTOR.services_by_name["ControlService"],
)
METHODS: Final[dict[str, MethodDescriptor]] = {
    method.name: method for service in SERVICES for method in service.methods
}
UNARY: Final = [name for name, method in METHODS.items() if not method.server_streaming]
STREAMS: Final = [name for name, method in METHODS.items() if method.server_streaming]


def path(name: str) -> str:
    """The method as a call names it."""
    method = METHODS[name]
    return f"/{method.containing_service.full_name}/{method.name}"


def request_class(name: str) -> type[Message]:
    return GetMessageClass(METHODS[name].input_type)


def response_class(name: str) -> type[Message]:
    return GetMessageClass(METHODS[name].output_type)


def vertical() -> pb.OrderSpec:
    """Two calls of one underlying, for a debit."""
    return pb.OrderSpec(
        legs=[pb.OrderLeg(con_id=101, ratio=1), pb.OrderLeg(con_id=102, ratio=-1)],
        quantity=2,
        type=pb.ORDER_TYPE_LIMIT,
        limit_price=Decimal(value="1.05"),
        time_in_force=pb.TIME_IN_FORCE_DAY,
    )


def sample(name: str) -> Message:
    """A request that nothing is wrong with by itself."""
    match name:
        case "PreviewOrder":
            return preview_pb2.PreviewOrderRequest(order=vertical())
        case "PlaceOrder":
            return order_service_pb2.PlaceOrderRequest(client_order_id="a-1", order=vertical())
        case "ReplaceOrder":
            return order_service_pb2.ReplaceOrderRequest(
                client_order_id="a-1", revision=1, limit_price=Decimal(value="1.10"), quantity=3
            )
        case "CancelOrder":
            return order_service_pb2.CancelOrderRequest(client_order_id="a-1")
        case "GetOrder":
            return order_service_pb2.GetOrderRequest(client_order_id="a-1")
        case "ListExecutions":
            return execution_pb2.ListExecutionsRequest(since=Timestamp(seconds=1))
        case "RenewLease":
            return order_service_pb2.RenewLeaseRequest(seconds=10)
        case "EndLease":
            return order_service_pb2.EndLeaseRequest(lease_id="lease-1")
        case "Halt":
            return control_service_pb2.HaltRequest(reason="test")
        case "Resume":
            return control_service_pb2.ResumeRequest(halt_sequence=1, reason="test")
        case "CancelAllOrders":
            return control_service_pb2.CancelAllOrdersRequest(confirmation="cancel the orders of everybody")
        case _:
            return request_class(name)()


Change = Callable[[pb.OrderSpec], object]


def price(text: str) -> Change:
    return lambda order: setattr(order.limit_price, "value", text)


def assign(**fields: object) -> Change:
    def change(order: pb.OrderSpec) -> None:
        for name, value in fields.items():
            setattr(order, name, value)

    return change


def legs(*given: tuple[int, int]) -> Change:
    def change(order: pb.OrderSpec) -> None:
        del order.legs[:]
        order.legs.extend(pb.OrderLeg(con_id=con_id, ratio=ratio) for con_id, ratio in given)

    return change


def leg_prices(*given: str | None, **fields: object) -> Change:
    def change(order: pb.OrderSpec) -> None:
        for leg, text in zip(order.legs, given, strict=False):
            if text is not None:
                leg.price.value = text
        assign(**fields)(order)

    return change


def good_till(**time: int) -> Change:
    def change(order: pb.OrderSpec) -> None:
        order.time_in_force = pb.TIME_IN_FORCE_GTD
        order.good_till.CopyFrom(Timestamp(**time))

    return change


def bracket(profit: str | None = None, stop: str | None = None, *, limit: str = "1.05") -> Change:
    def change(order: pb.OrderSpec) -> None:
        order.limit_price.value = limit
        order.bracket.SetInParent()
        if profit is not None:
            order.bracket.profit_taker.value = profit
        if stop is not None:
            order.bracket.stop_loss.value = stop

    return change


def single(ratio: int, limit: str) -> Change:
    def change(order: pb.OrderSpec) -> None:
        legs((101, ratio))(order)
        order.limit_price.value = limit

    return change


def both(*changes: Change) -> Change:
    def change(order: pb.OrderSpec) -> None:
        for each in changes:
            each(order)

    return change


PRICE, LEGS, TIME = "order.limit_price", "order.legs", "order.good_till"
WRONG_ORDERS: Final[dict[str, tuple[Change, str]]] = {
    "NaN": (price("NaN"), PRICE),
    "infinity": (price("Infinity"), PRICE),
    "-infinity": (price("-inf"), PRICE),
    "1.79e308": (price("1.79e308"), PRICE),
    "the largest double in digits": (price("17" + "9" * 307), PRICE),
    "a price of 22 digits": (price("9" * 22), PRICE),
    "exponent": (price("1e2"), PRICE),
    "empty price": (price(""), PRICE),
    "a point": (price("."), PRICE),
    "a sign": (price("-"), PRICE),
    "a space": (price(" 1.05"), PRICE),
    "comma": (price("1,05"), PRICE),
    "underscore": (price("1_0"), PRICE),
    "digits of another script": (price("١.٠٥"), PRICE),
    "hexadecimal": (price("0x10"), PRICE),
    "25 characters": (price("1." + "0" * 23), PRICE),
    "16 digits": (price("1.000000000000001"), PRICE),
    "no limit": (lambda order: order.ClearField("limit_price"), PRICE),
    "market with limit": (assign(type=pb.ORDER_TYPE_MARKET), PRICE),
    "no type": (assign(type=pb.ORDER_TYPE_UNSPECIFIED), "order.type"),
    "a type of tomorrow": (assign(type=99), "order.type"),
    "quantity 0": (assign(quantity=0), "order.quantity"),
    "quantity 2^31-1": (assign(quantity=2**31 - 1), "order.quantity"),
    "quantity 2^32-1": (assign(quantity=2**32 - 1), "order.quantity"),
    "too many contracts of a leg": (
        both(legs((101, 1000), (102, -1)), assign(quantity=2_147_484)),
        "order.quantity",
    ),
    "no legs": (legs(), LEGS),
    "five legs": (legs(*((number, 1) for number in range(1, 6))), LEGS),
    "ratio 0": (legs((101, 1), (102, 0)), f"{LEGS}[1].ratio"),
    "ratio 1001": (legs((101, 1001), (102, -1)), f"{LEGS}[0].ratio"),
    "ratio -1001": (legs((101, 1), (102, -1001)), f"{LEGS}[1].ratio"),
    "ratio -2^31": (legs((101, 1), (102, -(2**31))), f"{LEGS}[1].ratio"),
    "ratios with a common divisor": (legs((101, 2), (102, -4)), LEGS),
    "a single contract twice": (single(2, "1.05"), LEGS),
    "one contract in two legs": (legs((101, 1), (102, -1), (101, 1)), f"{LEGS}[2].con_id"),
    "contract 0": (legs((0, 1), (102, -1)), f"{LEGS}[0].con_id"),
    "contract -1": (legs((101, 1), (-1, -1)), f"{LEGS}[1].con_id"),
    "contract 2^31": (legs((2**31, 1), (102, -1)), f"{LEGS}[0].con_id"),
    "bought for a credit": (single(1, "-1.05"), PRICE),
    "bought for nothing": (single(1, "0"), PRICE),
    "sold for a debit": (single(-1, "1.05"), PRICE),
    "leg prices of a guaranteed combo": (leg_prices("2.05", "1.00"), LEGS),
    "a price of one leg only": (leg_prices("2.05", non_guaranteed=True), LEGS),
    "a negative price of a leg": (leg_prices("1.00", "-0.05", non_guaranteed=True), f"{LEGS}[1].price"),
    "an endless price of a leg": (leg_prices("1e5", "1", non_guaranteed=True), f"{LEGS}[0].price"),
    "three legs apart": (
        both(legs((101, 1), (102, -2), (103, 1)), assign(non_guaranteed=True)),
        "order.non_guaranteed",
    ),
    "one leg apart": (both(single(1, "1.05"), assign(non_guaranteed=True)), "order.non_guaranteed"),
    "no time in force": (assign(time_in_force=pb.TIME_IN_FORCE_UNSPECIFIED), "order.time_in_force"),
    "a time in force of tomorrow": (assign(time_in_force=77), "order.time_in_force"),
    "GTD without an end": (assign(time_in_force=pb.TIME_IN_FORCE_GTD), TIME),
    "DAY with an end": (both(good_till(seconds=2**32), assign(time_in_force=pb.TIME_IN_FORCE_DAY)), TIME),
    "an end in the past": (good_till(seconds=int(NOW.timestamp())), TIME),
    "an end in no year": (good_till(seconds=253_402_300_800), TIME),
    "an end at no time": (good_till(seconds=2**32, nanos=10**9), TIME),
    "an end at -2^63": (good_till(seconds=-(2**63), nanos=-(2**31)), TIME),
    "group without a name": (lambda order: setattr(order.oca, "type", 1), "order.oca.name"),
    "group with a long name": (
        lambda order: order.oca.CopyFrom(pb.OcaGroup(name="g" * 33, type=1)),
        "order.oca.name",
    ),
    "group of another script": (
        lambda order: order.oca.CopyFrom(pb.OcaGroup(name="é", type=1)),
        "order.oca.name",
    ),
    "group of no kind": (lambda order: setattr(order.oca, "name", "g"), "order.oca.type"),
    "group of a kind of tomorrow": (
        lambda order: order.oca.CopyFrom(pb.OcaGroup(name="g", type=9)),
        "order.oca.type",
    ),
    "empty bracket": (bracket(), "order.bracket"),
    "profit at the limit": (bracket("1.05"), "order.bracket.profit_taker"),
    "profit below a credit": (bracket("-1.30", limit="-1.20"), "order.bracket.profit_taker"),
    "loss at the limit": (bracket(stop="1.05"), "order.bracket.stop_loss"),
    "loss above a credit": (bracket(stop="-1.10", limit="-1.20"), "order.bracket.stop_loss"),
    "profit below loss at the market": (
        both(
            bracket("0.50", "0.60"),
            assign(type=pb.ORDER_TYPE_MARKET),
            lambda order: order.ClearField("limit_price"),
        ),
        "order.bracket",
    ),
    "profit that is no number": (bracket("NaN"), "order.bracket.profit_taker"),
    "loss below nothing": (both(bracket(stop="-1"), single(1, "1.05")), "order.bracket.stop_loss"),
    "account of another script": (assign(account="DÜ1"), "order.account"),
    "account of two words": (assign(account="DU 1"), "order.account"),
    "account of 33 characters": (assign(account="D" * 33), "order.account"),
}
"""By what is wrong: how to make it so, and the field that is told."""

SOUND_ORDERS: Final[dict[str, Change]] = {
    "a vertical": lambda order: None,
    "a credit": price("-1.05"),
    "even money": price("0"),
    "a plus": price("+1.05"),
    "no digit before the point": price("-.05"),
    "24 characters": price("-1.05" + "0" * 19),
    "15 digits": price("1.00000000000001"),
    "a single option": single(1, "1.05"),
    "a sold option": single(-1, "-1.05"),
    "a backspread": legs((101, -1), (102, 2)),
    "a covered call": legs((101, 100), (102, -1)),
    "four legs": legs((101, 1), (102, -1), (103, -1), (104, 1)),
    "a market order": both(assign(type=pb.ORDER_TYPE_MARKET), lambda order: order.ClearField("limit_price")),
    "until tomorrow": good_till(seconds=int(NOW.timestamp()) + 86_400),
    "good till cancelled": assign(time_in_force=pb.TIME_IN_FORCE_GTC),
    "immediate or cancel": assign(time_in_force=pb.TIME_IN_FORCE_IOC),
    "a group": lambda order: order.oca.CopyFrom(pb.OcaGroup(name="a group", type=3)),
    "a bracket": bracket("2.00", "0.50"),
    "a bracket of a credit": bracket("-0.40", "-2.40", limit="-1.20"),
    "a bracket of a sold option": both(bracket("-0.40", "-2.40"), single(-1, "-1.20")),
    "legs apart, with prices": leg_prices("2.05", "1.00", non_guaranteed=True),
    "legs apart, with prices alone": both(
        leg_prices("2.05", "1.00", non_guaranteed=True), lambda order: order.ClearField("limit_price")
    ),
    "an account": assign(account="DU123456"),
    "the largest quantity": assign(quantity=2**31 - 2),
}


def ids(text: str) -> Callable[[Message], object]:
    return lambda request: setattr(request, "client_order_id", text)


def setting(field: str, value: object) -> Callable[[Message], object]:
    return lambda request: setattr(request, field, value)


def without(*names: str) -> Callable[[Message], object]:
    def clear(request: Message) -> None:
        for name in names:
            request.ClearField(name)

    return clear


def moment(seconds: int, nanos: int = 0) -> Callable[[Message], object]:
    return lambda request: request.since.CopyFrom(Timestamp(seconds=seconds, nanos=nanos))


def limit(text: str) -> Callable[[Message], object]:
    return lambda request: setattr(request.limit_price, "value", text)


def resuming(**point: object) -> Callable[[Message], object]:
    return lambda request: request.resume.MergeFrom(watch_pb2.ResumePoint(**point))


_NAMES: Final = ("PlaceOrder", "ReplaceOrder", "CancelOrder", "GetOrder")
_WRONG_NAMES: Final = ("", "a b", "a/b", "é", "x" * 41, "a\u2028b", "'; drop table entries")
_TOKENS: Final = ("a b", "é", "x" * 2049)
_PAGED: Final = ("ListOrders", "ListExecutions")

Wrong = tuple[str, str, Callable[[Message], object], str]
WRONG_REQUESTS: Final[list[Wrong]] = [
    *(
        (rpc, f"order name {name[:9]!a}", ids(name), "client_order_id")
        for rpc in _NAMES
        for name in _WRONG_NAMES
    ),
    *((rpc, "no order", without("order"), "order") for rpc in ("PreviewOrder", "PlaceOrder")),
    *(
        (rpc, f"token {text[:3]!a}", setting("preview_token", text), "preview_token")
        for rpc in ("PlaceOrder", "ReplaceOrder")
        for text in _TOKENS
    ),
    *(
        (rpc, f"lease {text[:3]!a}", setting("lease_id", text), "lease_id")
        for rpc in ("PlaceOrder", "RenewLease", "EndLease")
        for text in ("a b", "x" * 41)
    ),
    ("EndLease", "no lease", without("lease_id"), "lease_id"),
    ("ReplaceOrder", "revision 0", setting("revision", 0), "revision"),
    ("ReplaceOrder", "nothing new", without("limit_price", "quantity"), "limit_price"),
    ("ReplaceOrder", "quantity 0", setting("quantity", 0), "quantity"),
    ("ReplaceOrder", "quantity 2^31-1", setting("quantity", 2**31 - 1), "quantity"),
    *(
        (
            "ReplaceOrder",
            f"limit {text!a}",
            lambda request, text=text: setattr(request.limit_price, "value", text),
            "limit_price",
        )
        for text in ("", "NaN", "-Inf", "1.79e308", "1e0", "9" * 25)
    ),
    ("GetOrder", "no key", without("client_order_id"), "key"),
    *(
        ("GetOrder", f"permId {number}", setting("perm_id", number), "perm_id")
        for number in (0, -1, 2**31, 2**63 - 1)
    ),
    *(
        (rpc, f"page of {size}", setting("page_size", size), "page_size")
        for rpc in _PAGED
        for size in (1001, 2**32 - 1)
    ),
    *(
        (rpc, f"page {text[:3]!a}", setting("page_token", text), "page_token")
        for rpc in _PAGED
        for text in _TOKENS
    ),
    ("ListExecutions", "of no order", ids("a b"), "client_order_id"),
    ("ListExecutions", "since no year", moment(-(2**62)), "since"),
    ("ListExecutions", "since no time", moment(0, -1), "since"),
    ("WatchOrders", "no epoch", lambda request: setattr(request.resume, "sequence", 5), "resume.epoch"),
    (
        "WatchOrders",
        "epoch of two words",
        lambda request: setattr(request.resume, "epoch", "a b"),
        "resume.epoch",
    ),
    *(
        (rpc, f"every {seconds} s", setting("min_interval_seconds", seconds), "min_interval_seconds")
        for rpc in ("WatchPositions", "WatchAccount")
        for seconds in (-0.1, 60.1, 1.7e308)
    ),
    ("WatchAccount", "account of two words", setting("account", "DU 1"), "account"),
    *(
        ("RenewLease", f"{seconds} s", setting("seconds", seconds), "seconds")
        for seconds in (0.0, 1.9, 60.1, -1e308)
    ),
    *(
        (rpc, f"reason of {len(text)}", setting("reason", text), "reason")
        for rpc in ("Halt", "Resume")
        for text in ("", "r" * 201)
    ),
    ("Resume", "halt 0", setting("halt_sequence", 0), "halt_sequence"),
    ("Resume", "halt 2^64-1", setting("halt_sequence", 2**64 - 1), "halt_sequence"),
    ("CancelAllOrders", "no confirmation", without("confirmation"), "confirmation"),
    ("CancelAllOrders", "another confirmation", setting("confirmation", "yes"), "confirmation"),
]
"""RPC, what is wrong, how to make it so, and the field that is told; orders are in WRONG_ORDERS."""
