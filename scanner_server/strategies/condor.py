"""Condors: one right, K1 < K2 < K3 < K4, the outer bought and the inner sold; the widths may differ."""

from typing import Literal

from scanner_server.strategies.joining import Steps, above
from scanner_server.strategies.strategy import Leg, Plateau, Strategy

_STEPS = Steps((above, above, above))


def _condor(name: str, kind: Literal["C", "P"], description: str) -> Strategy:
    legs = (Leg(kind, 1), Leg(kind, -1), Leg(kind, -1), Leg(kind, 1))
    return Strategy(name, "condor", description, legs, _STEPS.form, _STEPS.count, plateau=Plateau(1, 2))


CONDORS: tuple[Strategy, ...] = (
    _condor("call_condor", "C", "Two calls sold between two bought: gains while the share stays inside."),
    _condor("put_condor", "P", "Two puts sold between two bought: gains while the share stays inside."),
)
