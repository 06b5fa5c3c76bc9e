"""Strangles: a put below a call. Sold, they pay nothing above zero and may lose without bound."""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.straddle import put_and_call
from scanner_server.strategies.strategy import Strategy

_STEPS = Steps((above,))


def _strangle(name: str, side: int, description: str) -> Strategy:
    return put_and_call(name, "strangle", side, _STEPS, description)


STRANGLES: tuple[Strategy, ...] = (
    _strangle("long_strangle", 1, "Put and a higher call bought: gains on a wide move either way."),
    _strangle("short_strangle", -1, "Put and a higher call sold: gains while the share stays between."),
)
