"""Metrics that cost an integer addition where things happen, and are read only when an exporter asks."""

from collections.abc import Callable, Iterable, Sequence

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation


class Counters:
    """Plain integers, one per label value: `counters["sent"] += 1`, with no lock and no call into the SDK.

    Belongs to one event loop; an exporter's thread only reads.
    """

    def __init__(
        self, name: str, label: str, values: Sequence[str], description: str = "", unit: str = "1"
    ) -> None:
        """Export as the counter `name` with the attribute `label`; `values` bounds the series."""
        self._counts = dict.fromkeys(values, 0)
        self._label = label
        metrics.get_meter(__name__).create_observable_counter(name, [self._observe], unit, description)

    def add(self, value: str) -> None:
        """Begin a series at zero, where there is none yet; the caller bounds them, as methods do."""
        if value not in self._counts:
            self._counts = {**self._counts, value: 0}  # a new dict: an exporter may be reading the old one

    def __getitem__(self, value: str) -> int:
        return self._counts[value]

    def __setitem__(self, value: str, count: int) -> None:
        if value not in self._counts:
            raise KeyError(value)
        self._counts[value] = count

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(count, {self._label: value}) for value, count in self._counts.items()]


def observe_gauge(name: str, read: Callable[[], float], description: str = "", unit: str = "1") -> None:
    """Export whatever `read` returns at the moment an exporter asks; it must not block."""
    metrics.get_meter(__name__).create_observable_gauge(
        name, [lambda _options: [Observation(read())]], unit, description
    )
