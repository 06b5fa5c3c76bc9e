"""Spreads formed one by one."""

from itertools import combinations

from tests.scanner_server.reference.expiry import Option


def verticals(options: list[Option]) -> list[tuple[str, list[tuple[int, Option]]]]:
    found = []
    for name, call, first in (
        ("bull_call", True, 1),
        ("bear_call", True, -1),
        ("bull_put", False, 1),
        ("bear_put", False, -1),
    ):
        side = sorted((o for o in options if o.call == call), key=lambda o: o.strike)
        found += [(name, [(first, low), (-first, high)]) for low, high in combinations(side, 2)]
    return found


def condors(options: list[Option]) -> list[tuple[str, list[tuple[int, Option]]]]:
    puts = sorted((o for o in options if not o.call), key=lambda o: o.strike)
    calls = sorted((o for o in options if o.call), key=lambda o: o.strike)
    found = []
    for name, sign in (("iron_condor", 1), ("reverse_iron_condor", -1)):
        for (k1, k2), (k3, k4) in (
            (p, c) for p in combinations(puts, 2) for c in combinations(calls, 2) if p[1].strike < c[0].strike
        ):
            found.append((name, [(sign, k1), (-sign, k2), (-sign, k3), (sign, k4)]))
    return found
