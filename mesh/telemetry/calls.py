"""What became of the calls that a server was asked, by method; one count for the whole process.

Conventions: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
"""

from collections.abc import Iterator
from typing import Final

from opentelemetry.semconv._incubating.attributes import rpc_attributes
from opentelemetry.trace import SpanContext

from mesh.telemetry.counts import Counts
from mesh.telemetry.histogram import Histogram
from mesh.telemetry.observe import observe_counters, observe_gauges, observe_histograms
from mesh.telemetry.refusals import METHOD, by_method

STATUS: Final = rpc_attributes.RPC_RESPONSE_STATUS_CODE
DRAINED: Final = Counts()
"""Streams that the server ended because it stops."""
_unary: dict[str, "UnaryCalls"] = {}
_streams: dict[str, "Streams"] = {}


class UnaryCalls:
    """How long the unary calls of a method took, by status."""

    def __init__(self) -> None:
        self.by_status: dict[str, Histogram] = {}

    def ended(self, status: str, seconds: float, span: SpanContext | None) -> None:
        """Count a call."""
        histogram = self.by_status.get(status)
        if histogram is None:
            histogram = Histogram()
            self.by_status = {**self.by_status, status: histogram}  # an exporter may be reading the old one
        histogram.record(seconds, span)


class Streams:
    """How many streams of a method were opened, and how they ended."""

    def __init__(self) -> None:
        self.started = 0
        self.ended = Counts()

    @property
    def open(self) -> int:
        """Streams that have not ended."""
        ended = self.ended
        return self.started - sum(ended[status] for status in ended)

    def end(self, status: str) -> None:
        """Count the end of a stream."""
        self.ended.add(status)
        self.ended[status] += 1


def unary_calls(method: str) -> UnaryCalls:
    """Those of `package.Service/Method`, which must be one that is served."""
    return _unary.setdefault(method, UnaryCalls())


def streams(method: str) -> Streams:
    """Those of `package.Service/Method`, which must be one that is served."""
    return _streams.setdefault(method, Streams())


def _durations() -> Iterator[tuple[tuple[str, str, str], Histogram]]:
    for method, calls in list(_unary.items()):
        yield from ((("grpc", method, status), each) for status, each in calls.by_status.items())


def _ended() -> Iterator[tuple[tuple[str, str], int]]:
    for method, each in list(_streams.items()):
        yield from (((method, status), count) for (status,), count in by_method(each.ended))


observe_histograms(
    "rpc.server.call.duration",
    (rpc_attributes.RPC_SYSTEM_NAME, METHOD, STATUS),
    _durations,
    "Unary calls, from the first interceptor to the answer.",
)
observe_counters(
    "spreadmesh.streams.started",
    (METHOD,),
    lambda: [((method,), each.started) for method, each in list(_streams.items())],
    "Streams opened.",
    "{stream}",
)
observe_counters("spreadmesh.streams.ended", (METHOD, STATUS), _ended, "Streams ended.", "{stream}")
observe_gauges(
    "spreadmesh.streams.open",
    (METHOD,),
    lambda: [((method,), each.open) for method, each in list(_streams.items())],
    "Streams open.",
    "{stream}",
)
observe_counters(
    "spreadmesh.streams.drained",
    (METHOD,),
    lambda: by_method(DRAINED),
    "Streams that the server ended because it stops.",
    "{stream}",
)
