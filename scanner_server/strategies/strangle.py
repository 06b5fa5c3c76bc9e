"""Strangles: a put below a call. Sold, they pay nothing above zero and may lose without bound."""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((above,))


def _strangle(name: str, side: int, description: str) -> Strategy:
    legs = (Leg("P", side), Leg("C", side))
    return Strategy(name, "strangle", description, legs, _STEPS.form, _STEPS.count, sold_for_credit=side < 0)


STRANGLES: tuple[Strategy, ...] = (
    _strangle("long_strangle", 1, "Put and a higher call bought: gains on a wide move either way."),
    _strangle("short_strangle", -1, "Put and a higher call sold: gains while the share stays between."),
)
