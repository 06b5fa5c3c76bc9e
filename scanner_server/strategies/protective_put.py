"""The protective put: 100 shares and a put bought."""

from scanner_server.strategies.joining import Steps, everything
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((everything,))

PROTECTIVE_PUTS: tuple[Strategy, ...] = (
    Strategy(
        "protective_put",
        "protective_put",
        "100 shares and a put bought: gains on a rise, loses no more below the strike.",
        (Leg("S", 1), Leg("P", 1)),
        _STEPS.form,
        _STEPS.count,
    ),
)
