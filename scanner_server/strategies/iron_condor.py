"""Iron condors: a put vertical below a call vertical, K1 < K2 < K3 < K4.

The iron condor (inner legs sold) pays nothing above zero: like a bear call it survives only as a credit
spread, and the bound on the short |delta| of credit spreads is laid on its short legs beforehand. Its
reverse pays nothing below zero and survives only as a debit.
"""

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Plateau, Strategy

_STEPS = Steps((above, above, above))


def iron(name: str, inner: int, steps: Steps, plateau: Plateau, description: str) -> Strategy:
    """Two puts below two calls, so many contracts of each of the inner legs; the outer ones the other way."""
    legs = (Leg("P", -inner), Leg("P", inner), Leg("C", inner), Leg("C", -inner))
    sold = inner < 0
    return Strategy(
        name, name, description, legs, steps.form, steps.count, sold_for_credit=sold, plateau=plateau
    )


def _condor(name: str, inner: int, description: str) -> Strategy:
    return iron(name, inner, _STEPS, Plateau(1, 2), description)


IRON_CONDORS: tuple[Strategy, ...] = (
    _condor("iron_condor", -1, "Put and call verticals sold: gains while the share stays inside."),
    _condor("reverse_iron_condor", 1, "Put and call verticals bought: gains on a wide move."),
)
