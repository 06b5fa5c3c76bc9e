"""Rankings as streams share them, made by hand."""

from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import RankingBasis, Surface

from scanner_server.live.ranked import Entry, Ranked
from scanner_server.snapshot.book_snapshot import BookSnapshot, CopiedBook

BEGIN = 1_772_557_200
SPREADS: dict[tuple[int, float, int], Entry] = {}


def entry(number: int, score: float, quoted: int) -> Entry:
    """The spread of a number: the same object wherever nothing of it differs."""
    if (number, score, quoted) not in SPREADS:
        legs = [Leg(con_id=number, quantity=-1), Leg(con_id=number + 1, quantity=1)]
        message = Candidate(strategy="bear_call", score=score, legs=legs)
        times = (float(BEGIN + quoted), BEGIN - 4.0)
        SPREADS[number, score, quoted] = Entry(("bear_call", (number, number + 1)), message, times)
    return SPREADS[number, score, quoted]


SURFACES = [Surface(number=number, spot=100.0) for number in range(3)]


def ranked(seconds: float, entries: list[Entry], surface: Surface, known: int = 0) -> Ranked:
    book = object.__new__(CopiedBook)
    object.__setattr__(book, "market_time", BEGIN + seconds)
    snapshot = object.__new__(BookSnapshot)
    object.__setattr__(snapshot, "book", book)
    return Ranked(snapshot, tuple(entries), surface, RankingBasis(contracts_known=known), 0)
