"""The jade lizard: a put sold below a call vertical that is sold, K1 < K2 < K3.

It pays nothing above zero. Where the credit is above K3 - K2 it cannot lose on a rise.
"""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps((above, above))

JADE_LIZARDS: tuple[Strategy, ...] = (
    Strategy(
        "jade_lizard",
        "jade_lizard",
        "Put sold at K1, call sold at K2, call bought at K3: gains unless the share falls far.",
        (Leg("P", -1), Leg("C", -1), Leg("C", 1)),
        _STEPS.form,
        _STEPS.count,
        sold_for_credit=True,
    ),
)
