"""A ranking as callers share it: messages that are made once, and dated when they are sent."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingBasis, Surface

from scanner_server.snapshot.book_snapshot import BookSnapshot
from scanner_server.translation.candidate import set_ages
from scanner_server.translation.surface import without_smiles
from scanner_server.translation.times import timestamp_of

Key = tuple[str, tuple[int, ...]]


class Entry(NamedTuple):
    """One candidate of a ranking. The same object in the next ranking where nothing of it has changed.

    Attributes:
        key: strategy and contracts: what makes it the same spread.
        message: everything but candidate id and quote ages. Never changed.
        quote_times: market time of the last update of each leg of the message, unix seconds.
    """

    key: Key
    message: Candidate
    quote_times: tuple[float, ...]

    def dated(self, market_time: float, candidate_id: int = 0) -> Candidate:
        """A copy with candidate id and quote ages."""
        message = Candidate()
        message.CopyFrom(self.message)
        message.candidate_id = candidate_id
        set_ages(message, self.quote_times, market_time)
        return message

    def as_stale(self) -> Self:
        """The same with every leg marked stale."""
        message = Candidate()
        message.CopyFrom(self.message)
        for leg in message.legs:
            leg.stale = True
        return self._replace(message=message)


@dataclass(frozen=True, eq=False)
class Ranked:
    """A ranking and what it stands on.

    Attributes:
        snapshot: the book it was computed from.
        entries: the candidates, best first.
        surface: with smiles; the same object as long as it is the same surface. Never changed.
        basis: never changed.
        began_ns: when the computation began, unix time in nanoseconds.
        is_last_known: the feed is away, and this is the last ranking known.
    """

    snapshot: BookSnapshot
    entries: tuple[Entry, ...]
    surface: Surface
    basis: RankingBasis
    began_ns: int
    is_last_known: bool = False

    @property
    def is_stale(self) -> bool:
        """Nothing in it can be relied on."""
        return self.basis.stale

    @property
    def market_time(self) -> float:
        """Of the quotes, unix seconds."""
        return self.snapshot.book.market_time

    @cached_property
    def size(self) -> int:
        """Bytes that its candidates take, about."""
        return sum(entry.message.ByteSize() for entry in self.entries)

    @cached_property
    def message(self) -> Ranking:
        """The whole answer, with smiles and without candidate ids. Shared by all callers."""
        return self.numbered([0] * len(self.entries), include_smiles=True)

    def numbered(self, candidate_ids: list[int], *, include_smiles: bool) -> Ranking:
        """The whole answer with an id for each candidate, for one caller."""
        dated = zip(self.entries, candidate_ids, strict=True)
        ranking = Ranking(
            market_time=timestamp_of(self.market_time),
            surface=self.surface,
            candidates=[entry.dated(self.market_time, number) for entry, number in dated],
            basis=self.basis,
        )
        if not include_smiles:
            without_smiles(ranking.surface)
        return ranking

    def as_last_known(self) -> "Ranked":
        """The same ranking, with all that it stands on marked stale."""
        basis = RankingBasis()
        basis.CopyFrom(self.basis)
        basis.stale = basis.underlying_stale = True
        basis.contracts_stale = basis.contracts_quoted
        basis.trace_context = b""
        entries = tuple(entry.as_stale() for entry in self.entries)
        return dataclasses.replace(self, entries=entries, basis=basis, is_last_known=True)
