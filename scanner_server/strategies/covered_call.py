"""The covered call: 100 shares bought and a call sold."""

from scanner_server.strategies.joining import Steps, everything
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((everything,))

COVERED_CALLS: tuple[Strategy, ...] = (
    Strategy(
        "covered_call",
        "covered_call",
        "100 shares bought, a call sold: gains unless the share falls by more than its price.",
        (Leg("S", 1), Leg("C", -1)),
        _STEPS.form,
        _STEPS.count,
    ),
)
