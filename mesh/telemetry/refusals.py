"""Calls that were refused before they did anything, by method; one count for the whole process."""

from collections.abc import Iterator, Mapping
from typing import Final

from mesh.telemetry.counts import Counts
from mesh.telemetry.observe import observe_counters

METHOD: Final = "rpc.method"
RATE_LIMITED: Final = Counts()
"""Calls beyond a client's rate."""
OVER_QUOTA: Final = Counts()
"""Streams beyond a client's quota."""
SHED: Final = Counts()
"""Calls refused under load."""
DENIED: Final = Counts()
"""Calls of those who may not."""
CIRCUIT_OPENED: Final = Counts()
"""Times a circuit to a server opened."""
CIRCUIT_REFUSED: Final = Counts()
"""Calls to a server that were not sent, as the circuit was open."""
REFUSED: Final = {
    "rate_limited": RATE_LIMITED,
    "over_quota": OVER_QUOTA,
    "shed": SHED,
    "denied": DENIED,
}


def by_method(counts: Counts) -> list[tuple[tuple[str], int]]:
    """For `observe_counters`."""
    return [((method,), counts[method]) for method in counts]


def by_reason(reasons: Mapping[str, Counts]) -> Iterator[tuple[tuple[str, str], int]]:
    """For `observe_counters`, by method and reason."""
    for reason, counts in reasons.items():
        yield from (((method, reason), count) for (method,), count in by_method(counts))


observe_counters(
    "spreadmesh.calls.refused",
    (METHOD, "reason"),
    lambda: by_reason(REFUSED),
    "Calls and streams refused before anything was done.",
    "{call}",
)
observe_counters(
    "spreadmesh.circuits.opened",
    (METHOD,),
    lambda: by_method(CIRCUIT_OPENED),
    "Times a circuit to another server opened.",
)
observe_counters(
    "spreadmesh.circuits.refused_calls",
    (METHOD,),
    lambda: by_method(CIRCUIT_REFUSED),
    "Calls to another server that were not sent, as the circuit was open.",
    "{call}",
)
