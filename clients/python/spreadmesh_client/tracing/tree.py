"""The spans of one trace as a tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesh.telemetry.spans import Span


@dataclass(frozen=True)
class Node:
    """A span and how deep it lies below its root."""

    span: Span
    depth: int


def walk(spans: Sequence[Span]) -> Iterator[Node]:
    """Spans in the order of a waterfall: each followed by its children by start time.

    A span whose parent is not among `spans` is a root, as is one of a cycle, which only a broken file has.
    """
    known = {span.span_id for span in spans}
    children: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.start_ns):
        parent = span.parent_span_id if span.parent_span_id in known else ""
        children.setdefault(parent, []).append(span)
    seen: set[str] = set()
    for root in [*children.get("", []), *sorted(spans, key=lambda span: span.start_ns)]:
        pending = [Node(root, 0)]
        while pending:
            node = pending.pop()
            if node.span.span_id in seen:
                continue
            seen.add(node.span.span_id)
            yield node
            below = children.get(node.span.span_id, [])
            pending.extend(Node(span, node.depth + 1) for span in reversed(below))


def begins_at_quotes(spans: Sequence[Span]) -> bool:
    """Whether a trace goes from a quote batch in ibkr_server to a ranking in a client, without a gap.

    Each process writes its spans a little later than they end, so the newest trace may not be all there yet.
    """
    known = {"", *(span.span_id for span in spans)}
    return (
        spans[0].service == "ibkr_server"
        and any(span.name == "ranking received" for span in spans)
        and all(span.parent_span_id in known for span in spans)
    )


def sends_order(spans: Sequence[Span], client_order_id: str) -> bool:
    """Whether an order of this name was sent in a trace."""
    return any(
        span.name == "order.send" and span.attributes.get("order.client_order_id") == client_order_id
        for span in spans
    )
