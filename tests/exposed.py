"""What Prometheus gets: of this process, or scraped from a server."""

import urllib.request

from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from mesh.telemetry.exposition import registry_of

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
Values = dict[str, dict[str, float]]
"""By sample, as `spreadmesh_orders_placed_total`, and by the values of the labels, joined by a space."""


def parse(text: str) -> dict[str, Metric]:
    """OpenMetrics by name; the parser is strict."""
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # of prometheus_client
    return {family.name: family for family in families}


def families(registry: CollectorRegistry) -> dict[str, Metric]:
    """Everything a registry exposes now."""
    encode, _content_type = choose_encoder(OPENMETRICS)
    return parse(encode(registry).decode())


def scrape(address: str) -> dict[str, Metric]:
    """Everything a server exposes now, at its `host:port` for metrics."""
    request = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": OPENMETRICS})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["Content-Type"].startswith("application/openmetrics-text")
        return parse(response.read().decode())


def values(found: dict[str, Metric]) -> Values:
    """The figures alone."""
    values: Values = {}
    for family in found.values():
        for sample in family.samples:
            values.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return values


def exposed(reader: InMemoryMetricReader) -> Values:
    """The figures of the instruments registered in this process."""
    return values(families(registry_of(reader, {"service": "test"})))
