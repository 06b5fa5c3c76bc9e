"""One spec ranked on one snapshot after another: the work of a worker thread."""

import dataclasses
import time
from collections.abc import Hashable, Mapping

from spreadmesh.scan.v1.ranking_pb2 import Surface

from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.ranked import Entry, Key, Ranked
from scanner_server.ranking.incremental import IncrementalScan
from scanner_server.ranking.ranking import Candidate, Ranking
from scanner_server.snapshot.asked import expirations_of
from scanner_server.snapshot.book_snapshot import BookSnapshot
from scanner_server.translation.candidate import Messages
from scanner_server.translation.ranking import basis_message
from scanner_server.translation.surface import surface_message


class Ranker:
    """Ranks what has changed, and makes messages of what has changed. One call at a time, from any thread."""

    def __init__(self, spec: ScanSpec, most: int) -> None:
        """Begin without a ranking; at most `most` candidates are formed."""
        self._scan = IncrementalScan(spec, most=most)
        self._before: BookSnapshot | None = None
        self._surface = Surface()
        self._entries: dict[Key, tuple[Candidate, Entry]] = {}

    def __repr__(self) -> str:
        return f"<Ranker {self._scan}>"

    def rank(self, snapshot: BookSnapshot) -> Ranked:
        """Rank a snapshot.

        Raises:
            TooManyCandidates: more than `most` would be formed.
        """
        started_ns = time.time_ns()
        self._before = None
        ranking = self._scan.rank(snapshot.view)
        chain = snapshot.book.listed.chain
        asked = expirations_of(chain, ranking.asked)
        self._surface = surface_message(chain, snapshot.surface, asked, snapshot.settings)
        return self._ranked(snapshot, ranking, started_ns)

    def update(self, snapshot: BookSnapshot) -> Ranked | None:
        """The same, where it takes the spreads of changed contracts alone; None where it takes more."""
        started_ns = time.time_ns()
        before, self._before = self._before, None
        if before is None or before.surface is not snapshot.surface:
            return None
        ranking = self._scan.update(snapshot.view, snapshot.book.changed_since(before.book))
        return None if ranking is None else self._ranked(snapshot, ranking, started_ns)

    def _ranked(self, snapshot: BookSnapshot, ranking: Ranking, started_ns: int) -> Ranked:
        """The ranking as messages, told by a span where a sampled batch is among its changes."""
        entries = self._made(snapshot, ranking)
        basis = basis_message(snapshot, ranking)
        basis.scan_seconds = (time.time_ns() - started_ns) / 1e9
        if carried := snapshot.book.trace_context:
            with batch_span("scan.rank", carried=carried, started_ns=started_ns) as span:
                span.set_attribute("scan.candidates_formed", basis.candidates_formed)
                basis.trace_context = pack_context(span.get_span_context())
        self._before = snapshot
        return Ranked(snapshot, entries, self._surface, basis, started_ns)

    def _made(self, snapshot: BookSnapshot, ranking: Ranking) -> tuple[Entry, ...]:
        """Entries of all candidates, the same objects where nothing has changed."""
        con_id = snapshot.book.listed.con_ids
        keyed = {
            (candidate.strategy, tuple(con_id[row] for row in candidate.rows)): candidate
            for candidate in ranking.candidates
        }
        known = self._entries
        new = [key for key, candidate in keyed.items() if key not in known or known[key][0] is not candidate]
        written = Messages(snapshot).write([keyed[key] for key in new])
        entries = {key: entry for key, (_, entry) in known.items()}
        for key, message in zip(new, written, strict=True):
            entry = Entry(key, message, keyed[key].quote_times)
            if entries.get(key) != entry:
                entries[key] = entry
        self._entries = {key: (candidate, entries[key]) for key, candidate in keyed.items()}
        return tuple(entry for _, entry in self._entries.values())


def key_of(spec: ScanSpec) -> Hashable:
    """Equal for specs that ask for the same."""
    values = (getattr(spec, item.name) for item in dataclasses.fields(spec))
    return tuple(frozenset(value.items()) if isinstance(value, Mapping) else value for value in values)
