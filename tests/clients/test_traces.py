from dataclasses import replace
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from spreadmesh_client.tracing.tree import begins_at_quotes, sends_order, walk
from spreadmesh_client.view.waterfall import bar, duration_fine, waterfall

from mesh.telemetry.spans import Span


def span(
    span_id: str, parent: str = "", *, service: str = "s", name: str = "n", at: tuple[int, int] = (0, 1)
) -> Span:
    return Span(service, "t", span_id, parent, name, "INTERNAL", at[0], at[1], "UNSET", {}, ())


def test_children_follow_their_parent_by_start_time() -> None:
    spans = [span("a"), span("c", "a", at=(5, 6)), span("b", "a", at=(2, 9)), span("d", "b", at=(3, 4))]
    assert [(node.span.span_id, node.depth) for node in walk(spans)] == [
        ("a", 0),
        ("b", 1),
        ("d", 2),
        ("c", 1),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=10, unique_by=lambda pair: pair[0])
)
def test_every_span_is_drawn_once_even_where_parents_are_missing_or_in_a_circle(
    pairs: list[tuple[int, int]],
) -> None:
    spans = [span(str(own), str(parent), at=(own, own + 1)) for own, parent in pairs]
    assert sorted(node.span.span_id for node in walk(spans)) == sorted(str(own) for own, _ in pairs)


def test_a_whole_trace_begins_at_the_quotes_and_ends_at_a_client() -> None:
    sent = span("a", service="ibkr_server", name="quotes.send")
    received = span("b", "a", service="spreadmesh", name="ranking received")
    assert begins_at_quotes([sent, received])
    assert not begins_at_quotes([sent])
    assert not begins_at_quotes([received])


def test_a_trace_is_found_by_the_order_that_it_sent() -> None:
    sent = replace(span("a", name="order.send"), attributes={"order.client_order_id": "mine"})
    assert sends_order([span("b"), sent], "mine")
    assert not sends_order([sent], "min")
    assert not sends_order([replace(sent, name="order place")], "mine")


def test_bars_lie_where_their_time_lies() -> None:
    assert bar(0, 1, 8) == "████████"
    assert bar(0.5, 1, 8) == "    ████"
    assert bar(0.25, 0.25 + 1 / 16, 8) == "  ▌"
    assert bar(1, 1, 8) == "       █"


@given(st.floats(0, 1), st.floats(0, 1), st.integers(10, 60))
def test_bars_are_never_invisible_nor_too_long(a: float, b: float, width: int) -> None:
    drawn = bar(min(a, b), max(a, b), width)
    assert drawn.strip()
    assert len(drawn) <= width


def test_short_times() -> None:
    assert [duration_fine(n) for n in (900, 42_000, 1_500_000, 412_345_678, 2_000_000_000)] == [
        "1 µs",
        "42 µs",
        "1.5 ms",
        "412.3 ms",
        "2.0 s",
    ]


def test_a_waterfall_shows_tree_services_and_errors() -> None:
    spans = [
        span("a", service="ibkr_server", name="quotes.send", at=(0, 400_000)),
        span("b", "a", service="scanner_server", name="scan.rank", at=(1_000_000, 3_000_000)),
    ]
    out = StringIO()
    Console(file=out, width=120).print(waterfall(spans, 120))
    lines = out.getvalue().splitlines()
    assert "2 spans, 2 services, 3.0 ms" in lines[0]
    assert lines[2].startswith("quotes.send")
    assert lines[3].startswith("  scan.rank")
    assert "1.0 ms    2.0 ms" in lines[3]
