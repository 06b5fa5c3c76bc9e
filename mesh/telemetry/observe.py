"""What is exported: names for plain numbers that are read, from an exporter's thread, when it asks.

`read` must not block. Names are dotted, units those of UCUM; docs/metrics.md lists what Prometheus makes of
them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from mesh.telemetry.histogram import Histogram

Number = float | None
"""None: there is nothing to tell yet."""
Read = Callable[[], Number]
ReadEach = Callable[[], Iterable[tuple[Sequence[str], Number]]]
ReadHistograms = Callable[[], Iterable[tuple[Sequence[str], Histogram]]]
"""The values of the labels, in their order, and the figure."""


class Histograms(NamedTuple):
    """The histograms of one name."""

    labels: Sequence[str]
    read: ReadHistograms
    description: str


histograms: dict[str, Histograms] = {}
"""Those exported, by name; the SDK knows nothing of them."""


def observe_counter(name: str, read: Read, description: str, unit: str = "") -> None:
    """Export what only grows."""
    observe_counters(name, (), lambda: [((), read())], description, unit)


def observe_gauge(name: str, read: Read, description: str, unit: str = "") -> None:
    """Export what goes up and down, or is 1 for yes and 0 for no."""
    observe_gauges(name, (), lambda: [((), read())], description, unit)


def observe_counters(
    name: str, labels: Sequence[str], read: ReadEach, description: str, unit: str = ""
) -> None:
    """Export what only grows, by labels."""
    meter = metrics.get_meter(__name__)
    meter.create_observable_counter(name, [_callback(labels, read)], unit, description)


def observe_gauges(
    name: str, labels: Sequence[str], read: ReadEach, description: str, unit: str = ""
) -> None:
    """Export what goes up and down, by labels."""
    meter = metrics.get_meter(__name__)
    meter.create_observable_gauge(name, [_callback(labels, read)], unit, description)


def observe_histogram(name: str, histogram: Histogram, description: str) -> None:
    """Export a histogram of seconds."""
    observe_histograms(name, (), lambda: [((), histogram)], description)


def observe_histograms(name: str, labels: Sequence[str], read: ReadHistograms, description: str) -> None:
    """Export histograms of seconds, by labels; a name that is given again is that of the later ones."""
    histograms[name] = Histograms(labels, read, description)


def _callback(labels: Sequence[str], read: ReadEach) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_options: CallbackOptions) -> list[Observation]:
        return [
            Observation(float(value), dict(zip(labels, values, strict=True)))
            for values, value in read()
            if value is not None
        ]

    return observe
