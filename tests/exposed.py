"""What Prometheus would get of the instruments registered in this process."""

from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from mesh.telemetry.exposition import registry_of

Values = dict[str, dict[str, float]]
"""By sample, as `spreadmesh_orders_placed_total`, and by the values of the labels, joined by a space."""


def exposed(reader: InMemoryMetricReader) -> Values:
    """Every sample of the text that is exposed now."""
    text = generate_latest(registry_of(reader, {"service": "test"})).decode()
    values: Values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return values
