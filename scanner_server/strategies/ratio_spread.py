"""Ratio and back spreads: one expiration and right, one against two, the two further out of the money.

A ratio spread sells the two: calls lose without bound, puts are naked. A back spread buys them.
"""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((above,))


def _ratio(name: str, family: str, lower: Leg, upper: Leg, description: str) -> Strategy:
    return Strategy(name, family, description, (lower, upper), _STEPS.form, _STEPS.count)


RATIO_SPREADS: tuple[Strategy, ...] = (
    _ratio(
        "call_ratio_spread",
        "ratio_spread",
        Leg("C", 1),
        Leg("C", -2),
        "Call bought at K1, two sold at K2: gains most at K2, may lose without bound.",
    ),
    _ratio(
        "put_ratio_spread",
        "ratio_spread",
        Leg("P", -2),
        Leg("P", 1),
        "Put bought at K2, two sold at K1: gains most at K1, one of them naked.",
    ),
    _ratio(
        "call_back_spread",
        "back_spread",
        Leg("C", -1),
        Leg("C", 2),
        "Call sold at K1, two bought at K2: gains without bound on a rise.",
    ),
    _ratio(
        "put_back_spread",
        "back_spread",
        Leg("P", 2),
        Leg("P", -1),
        "Put sold at K2, two bought at K1: gains on a wide fall.",
    ),
)
