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
    """Prices are net, per unit, in currency per share: positive is paid, negative received."""

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
    def key(self) -> tuple[tuple[int, int], ...]:
        """Contracts and sides whatever the order of the legs: what makes two spreads identical."""
        return tuple(sorted((leg.con_id, leg.ratio) for leg in self.legs))

    def with_changes(self, limit_price: Decimal | None, quantity: int | None) -> "OrderSpec":
        """The order with another limit or quantity; None keeps what it has."""
        return replace(
            self,
            limit_price=self.limit_price if limit_price is None else limit_price,
            quantity=self.quantity if quantity is None else quantity,
        )


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
