"""Iron butterflies: an iron condor whose inner legs share a strike, K1 < K2 < K3; the wings may differ.

As with iron condors one pays nothing above zero and the other nothing below.
"""

from scanner_server.strategies.iron_condor import iron
from scanner_server.strategies.joining import Steps, above, level
from scanner_server.strategies.strategy import Plateau, Strategy

_STEPS = Steps((above, level, above))


def _butterfly(name: str, inner: int, description: str) -> Strategy:
    return iron(name, inner, _STEPS, Plateau(1, 2, is_level=True), description)


IRON_BUTTERFLIES: tuple[Strategy, ...] = (
    _butterfly("iron_butterfly", -1, "Straddle sold inside bought wings: gains while the share stays near."),
    _butterfly("reverse_iron_butterfly", 1, "Straddle bought inside sold wings: gains on a move."),
)
