"""The cash-secured put: a put sold, the cash for the shares at hand."""

from scanner_server.strategies.joining import Steps
from scanner_server.strategies.strategy import Leg, Strategy

_STEPS = Steps(())

CASH_SECURED_PUTS: tuple[Strategy, ...] = (
    Strategy(
        "cash_secured_put",
        "cash_secured_put",
        "Put sold, its strike kept in cash: gains unless the share falls by more than the price.",
        (Leg("P", -1),),
        _STEPS.form,
        _STEPS.count,
        sold_for_credit=True,
    ),
)
