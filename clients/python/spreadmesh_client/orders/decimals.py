"""Exact prices: `decimal.Decimal` here, spreadmesh.common.v1.Decimal on the wire."""

from decimal import ROUND_FLOOR, Decimal

from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage


def to_message(value: Decimal | None) -> DecimalMessage | None:
    """As the contract wants it: plain digits without exponent."""
    return None if value is None else DecimalMessage(value=f"{value:f}")


def to_decimal(message: DecimalMessage) -> Decimal:
    """What a server has sent; 0 where it has left it out.

    Raises:
        decimal.InvalidOperation: It is no number.
    """
    return Decimal(message.value or 0)


def floor_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """The nearest price on the tick that pays no more, or receives no less."""
    return (price / tick).quantize(Decimal(1), ROUND_FLOOR) * tick


def quantity_text(message: DecimalMessage) -> str:
    """A quantity without zeros behind the point."""
    return f"{to_decimal(message).normalize():f}"
