"""A histogram that costs about as much as a counter: the SDK's takes a lock and ten times as long."""

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from opentelemetry.trace import SpanContext

SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
"""Bounds of the RPC conventions, and smaller ones, as most calls take less than their smallest."""


class Exemplar(NamedTuple):
    """One measurement and the span it was made in."""

    value: float
    time_ns: int
    span: SpanContext


class Histogram:
    """Counts by bucket, and the last sampled measurement of each bucket as its exemplar.

    Belongs to one event loop; an exporter's thread only reads, and may miss what is just being recorded.

    Attributes:
        bounds: upper ends of the buckets, inclusive; one more bucket is beyond them.
        buckets: measurements in each.
        exemplars: of each bucket; None where none was sampled.
        sum, smallest, largest: of the measurements, none of them negative; infinity and 0 without any.
        began_ns: when it was made, unix time in nanoseconds.
    """

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        """Count into buckets that end at `bounds`, rising."""
        self.bounds = tuple(bounds)
        self.buckets = [0] * (len(bounds) + 1)
        self.exemplars: list[Exemplar | None] = [None] * len(self.buckets)
        self.sum = 0.0
        self.smallest, self.largest = math.inf, 0.0
        self.began_ns = time.time_ns()

    def __repr__(self) -> str:
        return f"<Histogram {self.count} sum={self.sum:.6g}>"

    @property
    def count(self) -> int:
        """How often something was recorded."""
        return sum(self.buckets)

    def record(self, value: float, span: SpanContext | None = None) -> None:
        """Count a measurement; with a `span` that is sampled it becomes its bucket's exemplar."""
        bucket = bisect_left(self.bounds, value)
        self.buckets[bucket] += 1
        self.sum += value
        self.smallest = min(self.smallest, value)
        self.largest = max(self.largest, value)
        if span is not None and span.trace_flags.sampled:
            self.exemplars[bucket] = Exemplar(value, time.time_ns(), span)
