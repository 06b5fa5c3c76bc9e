"""What is to be traded, and how: the part of an order that its maker decides."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from pydantic import TypeAdapter


class OrderType(Enum):
    """How an order is priced; IB's names."""

    LIMIT = "LMT"
    MARKET = "MKT"
    STOP = "STP"


class TimeInForce(Enum):
    """How long an order stays; IB's names."""

    DAY = "DAY"
    GTC = "GTC"
    GTD = "GTD"
    IOC = "IOC"


class OcaType(Enum):
    """What a fill does to the other orders of a group; IB's numbers."""

    CANCEL_WITH_BLOCK = 1
    REDUCE_WITH_BLOCK = 2
    REDUCE_WITHOUT_BLOCK = 3


@dataclass(frozen=True, slots=True)
class OrderLeg:
    """`ratio` contracts per unit: positive bought, negative sold; `price` of the leg alone, per share."""

    con_id: int
    ratio: int
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Oca:
    """A group of which one order cancels or reduces the others."""

    name: str
    type: OcaType


@dataclass(frozen=True, slots=True)
class Bracket:
    """Exits, priced as the value of a unit then, in the terms of the entry's limit."""

    profit_taker: Decimal | None = None
    stop_loss: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """Prices are net, per unit, in currency per share: positive is paid, negative received.

    `limit_price` of a STOP is the price at which it begins to work.
    """

    legs: tuple[OrderLeg, ...]
    quantity: int
    type: OrderType
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    good_till: datetime | None = None
    non_guaranteed: bool = False
    oca: Oca | None = None
    bracket: Bracket | None = None
    account: str = ""

    @property
    def is_combo(self) -> bool:
        """Whether it goes to the gateway as a BAG."""
        return len(self.legs) > 1

    @property
    def is_expressible(self) -> bool:
        """Whether it says what is traded; False for `INEXPRESSIBLE`."""
        return bool(self.legs)

    @property
    def key(self) -> tuple[tuple[int, int], ...]:
        """Contracts and sides whatever the order of the legs: what makes two spreads identical."""
        return tuple(sorted((leg.con_id, leg.ratio) for leg in self.legs))

    def reversed(self) -> "OrderSpec":
        """What undoes it, at the same value: every side and the sign of its price turned round."""
        legs = tuple(replace(leg, ratio=-leg.ratio) for leg in self.legs)
        return replace(self, legs=legs, limit_price=_negated(self.limit_price), bracket=None)

    def exits(self) -> "dict[str, OrderSpec]":
        """The orders of its bracket by name, "profit" and "stop": what undoes it, at the bracket's values.

        They stay as long as the entry may; exits of an IOC entry stay for the day.
        """
        if self.bracket is None:
            return {}
        tif = TimeInForce.DAY if self.time_in_force is TimeInForce.IOC else self.time_in_force
        undo = replace(self.reversed(), time_in_force=tif, oca=None)
        prices = {"profit": self.bracket.profit_taker, "stop": self.bracket.stop_loss}
        types = {"profit": OrderType.LIMIT, "stop": OrderType.STOP}
        return {
            name: replace(undo, type=types[name], limit_price=-price)
            for name, price in prices.items()
            if price is not None
        }

    def with_changes(self, limit_price: Decimal | None, quantity: int | None) -> "OrderSpec":
        """The order with another limit or quantity; None keeps what it has."""
        return replace(
            self,
            limit_price=self.limit_price if limit_price is None else limit_price,
            quantity=self.quantity if quantity is None else quantity,
        )


INEXPRESSIBLE: Final = OrderSpec(legs=(), quantity=0, type=OrderType.MARKET)
"""Stands for orders of a kind that ours can't say, made elsewhere."""
_SPEC: Final = TypeAdapter(OrderSpec)


def to_json(spec: OrderSpec) -> dict[str, Any]:
    """An order as JSON knows it; decimals and times are text."""
    found: dict[str, Any] = _SPEC.dump_python(spec, mode="json")
    return found


def from_json(data: Any) -> OrderSpec:
    """What `to_json` has made."""
    return _SPEC.validate_python(data)


def request_hash(spec: OrderSpec) -> str:
    """SHA-256 in hexadecimal over every field; the order of legs and trailing zeros don't count."""
    legs = tuple(sorted((_plain(leg) for leg in spec.legs), key=lambda leg: (leg.con_id, leg.ratio)))
    return hashlib.sha256(_SPEC.dump_json(replace(_normal(spec), legs=legs))).hexdigest()


def _plain(leg: OrderLeg) -> OrderLeg:
    return replace(leg, price=_shortest(leg.price))


def _normal(spec: OrderSpec) -> OrderSpec:
    bracket = spec.bracket and Bracket(
        _shortest(spec.bracket.profit_taker), _shortest(spec.bracket.stop_loss)
    )
    return replace(spec, limit_price=_shortest(spec.limit_price), bracket=bracket)


def _shortest(price: Decimal | None) -> Decimal | None:
    return None if price is None else Decimal(f"{price.normalize():f}")


def _negated(price: Decimal | None) -> Decimal | None:
    return None if price is None else -price
