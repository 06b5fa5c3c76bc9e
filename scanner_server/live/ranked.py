"""One spec ranked on one snapshot: the work of a worker thread."""

import dataclasses
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Self

from spreadmesh.scan.v1.ranking_pb2 import Ranking

from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.incremental import scan
from scanner_server.snapshot.book_snapshot import BookSnapshot
from scanner_server.translation.ranking import ranking_message


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A ranking and what it stands on.

    Attributes:
        snapshot: the book it was computed from.
        message: the answer, with smiles and without candidate ids. Shared by all callers.
        is_last_known: the feed is away, and this is the last ranking known.
    """

    snapshot: BookSnapshot
    message: Ranking
    is_last_known: bool = False

    @property
    def is_stale(self) -> bool:
        """Nothing in it can be relied on."""
        return self.message.basis.stale

    def as_last_known(self) -> Self:
        """The same ranking, with all that it stands on marked stale."""
        message = Ranking()
        message.CopyFrom(self.message)
        for candidate in message.candidates:
            for leg in candidate.legs:
                leg.stale = True
        basis = message.basis
        basis.stale = basis.underlying_stale = True
        basis.contracts_stale = basis.contracts_quoted
        basis.trace_context = b""
        return dataclasses.replace(self, message=message, is_last_known=True)


def rank(snapshot: BookSnapshot, spec: ScanSpec, most: int) -> Ranked:
    """Scan a snapshot, inside a span where a sampled batch is among its changes.

    Raises:
        TooManyCandidates: more than `most` would be formed.
    """
    carried = snapshot.book.trace_context
    if not carried:
        return Ranked(snapshot, _scanned(snapshot, spec, most))
    with batch_span("scan.rank", carried=carried) as span:
        message = _scanned(snapshot, spec, most)
        span.set_attribute("scan.candidates_formed", message.basis.candidates_formed)
        message.basis.trace_context = pack_context(span.get_span_context())
    return Ranked(snapshot, message)


def key_of(spec: ScanSpec) -> Hashable:
    """Equal for specs that ask for the same."""
    values = (getattr(spec, item.name) for item in dataclasses.fields(spec))
    return tuple(frozenset(value.items()) if isinstance(value, Mapping) else value for value in values)


def _scanned(snapshot: BookSnapshot, spec: ScanSpec, most: int) -> Ranking:
    started = time.perf_counter()
    ranking = scan(snapshot.view, spec, most=most)
    message = ranking_message(snapshot, ranking, spec)
    message.basis.scan_seconds = time.perf_counter() - started
    return message
