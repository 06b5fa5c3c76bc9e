"""Iron condors: a put vertical below a call vertical, K1 < K2 < K3 < K4.

The iron condor (inner legs sold) pays nothing above zero: like a bear call it survives only as a credit
spread, and the bound on the short |delta| of credit spreads is laid on its short legs beforehand. Its
reverse pays nothing below zero and survives only as a debit.
"""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Plateau, Strategy

_STEPS = Steps((above, above, above))


def _condor(name: str, inner: int, description: str) -> Strategy:
    legs = (Leg("P", -inner), Leg("P", inner), Leg("C", inner), Leg("C", -inner))
    return Strategy(
        name,
        name,
        description,
        legs,
        _STEPS.form,
        _STEPS.count,
        sold_for_credit=inner < 0,
        plateau=Plateau(1, 2),
    )


IRON_CONDORS: tuple[Strategy, ...] = (
    _condor("iron_condor", -1, "Put and call verticals sold: gains while the share stays inside."),
    _condor("reverse_iron_condor", 1, "Put and call verticals bought: gains on a wide move."),
)
