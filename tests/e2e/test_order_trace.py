"""One trace runs from a quote over its ranking and an order to the fill, in four processes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.telemetry.spans import Span, by_trace, read_spans
from tests.e2e.conftest import Mesh, mesh_up

SCAN = ("--symbol", "SPY", "--strategy", "bull_put", "--min-coverage", "0.2")
PATH = (
    "quotes.send",
    "quotes.ingest",
    "scan.rank",
    "ranking received",
    "order place",
    "spreadmesh.order.v1.OrderService/PlaceOrder",
    "order.send",
    "order.filled",
)
PREVIEW = "spreadmesh.order.v1.OrderService/PreviewOrder"
FLUSHED_SECONDS = 10.0


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    synthetic = ("--symbols", "SPY", "--lines", "300")
    with mesh_up(tmp_path_factory.mktemp("state"), *synthetic, trace_batch_ratio=0) as running:
        yield running


def traces_with(mesh: Mesh, name: str) -> list[list[Span]]:
    """Traces that have a span of this name, once the processes have written theirs."""
    until = time.monotonic() + FLUSHED_SECONDS
    while True:
        traces = by_trace(read_spans(Path(mesh.addresses["trace_dir"]))).values()
        found = [spans for spans in traces if any(span.name == name for span in spans)]
        if found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def test_a_fill_can_be_traced_to_the_quote_that_its_spread_was_ranked_on(mesh: Mesh) -> None:
    done = mesh.run("order", "place", "--from-scan", "1", *SCAN, "--walk", "--yes")
    assert "filled 1 of 1" in done.stdout, done.stdout + done.stderr
    (spans,) = traces_with(mesh, "order.filled")

    parents = {span.span_id: span for span in spans}
    filled = next(span for span in spans if span.name == "order.filled")
    way: list[Span] = [filled]
    while way[-1].parent_span_id:
        way.append(parents[way[-1].parent_span_id])
    names = list(dict.fromkeys(span.name for span in reversed(way)))  # a call has a span at either end
    assert names == list(PATH)
    assert {span.service for span in way} == {"ibkr_server", "scanner_server", "spreadmesh"}
    assert {"order.what_if", "order.acknowledged", PREVIEW} <= {span.name for span in spans}

    name = done.stdout.splitlines()[-1].split()[0]
    drawn = mesh.run("trace", "--order", name).stdout
    assert filled.trace_id in drawn
    assert all(name in drawn for name in PATH)
