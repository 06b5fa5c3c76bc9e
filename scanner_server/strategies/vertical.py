"""Verticals: one expiration and right, K1 < K2, one bought and one sold.

A bear call or bull put pays nothing above zero, so at a fill_price >= 0 it has no profit and is turned
away as `no_profit`: whatever survives is a credit spread. The bound on the short |delta| of credit
spreads can therefore be laid on its short legs before pairs are formed, and changes no ranking. A bull
call or bear put pays nothing below zero, so at a fill_price < 0 it is turned away as `no_risk`: none
that survives is a credit spread, and that bound never applies.
"""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((above,))


def _vertical(name: str, lower: Leg, upper: Leg, description: str, *, sold_for_credit: bool) -> Strategy:
    legs = (lower, upper)
    return Strategy(name, "vertical", description, legs, _STEPS.form, _STEPS.count, sold_for_credit)


VERTICALS: tuple[Strategy, ...] = (
    _vertical(
        "bull_call",
        Leg("C", 1),
        Leg("C", -1),
        "Call bought at K1, call sold at K2: share rises, a debit.",
        sold_for_credit=False,
    ),
    _vertical(
        "bear_call",
        Leg("C", -1),
        Leg("C", 1),
        "Call sold at K1, call bought at K2: share falls, a credit.",
        sold_for_credit=True,
    ),
    _vertical(
        "bull_put",
        Leg("P", 1),
        Leg("P", -1),
        "Put bought at K1, put sold at K2: share rises, a credit.",
        sold_for_credit=True,
    ),
    _vertical(
        "bear_put",
        Leg("P", -1),
        Leg("P", 1),
        "Put sold at K1, put bought at K2: share falls, a debit.",
        sold_for_credit=False,
    ),
)
