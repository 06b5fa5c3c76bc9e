"""The collar: 100 shares and a put bought, a call above the put sold."""

from scanner_server.strategies.joining import Steps, above, everything
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((everything, above))

COLLARS: tuple[Strategy, ...] = (
    Strategy(
        "collar",
        "collar",
        "100 shares and a put bought at K1, a call sold at K2: gain and loss both bounded.",
        (Leg("S", 1), Leg("P", 1), Leg("C", -1)),
        _STEPS.form,
        _STEPS.count,
    ),
)
