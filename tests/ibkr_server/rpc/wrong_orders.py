"""What can be wrong with an order, and orders that nothing is wrong with."""

from collections.abc import Callable
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.order.v1 import order_pb2 as pb

from tests.ibkr_server.rpc.order_samples import NOW

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
