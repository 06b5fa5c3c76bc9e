"""Straddles: a put and a call of one strike. Sold, they pay nothing above zero and may lose without bound."""

from scanner_server.strategies.joining import Steps, level
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((level,))


def put_and_call(name: str, family: str, side: int, steps: Steps, description: str) -> Strategy:
    """A put and a call, both bought or both sold."""
    legs = (Leg("P", side), Leg("C", side))
    return Strategy(name, family, description, legs, steps.form, steps.count, sold_for_credit=side < 0)


def _straddle(name: str, side: int, description: str) -> Strategy:
    return put_and_call(name, "straddle", side, _STEPS, description)


STRADDLES: tuple[Strategy, ...] = (
    _straddle("long_straddle", 1, "Put and call of one strike bought: gains on a move either way."),
    _straddle("short_straddle", -1, "Put and call of one strike sold: gains while the share stays near."),
)
