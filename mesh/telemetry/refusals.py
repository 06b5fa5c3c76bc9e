"""Calls that were refused before they did anything, by method; one count for the whole process."""

from typing import Final

from mesh.telemetry.counters import Counters

RATE_LIMITED: Final = Counters(
    "mesh.calls.rate_limited", "rpc.method", [], "Calls beyond a client's rate.", "{call}"
)
OVER_QUOTA: Final = Counters(
    "mesh.streams.over_quota", "rpc.method", [], "Streams beyond a client's quota.", "{call}"
)
SHED: Final = Counters("mesh.calls.shed", "rpc.method", [], "Calls refused under load.", "{call}")
CIRCUIT_OPENED: Final = Counters(
    "mesh.circuits.opened", "rpc.method", [], "Times a client's circuit opened.", "{time}"
)
CIRCUIT_REFUSED: Final = Counters(
    "mesh.calls.circuit_open", "rpc.method", [], "Calls not sent, as the circuit was open.", "{call}"
)
DENIED: Final = Counters("mesh.calls.denied", "rpc.method", [], "Calls of those who may not.", "{call}")
