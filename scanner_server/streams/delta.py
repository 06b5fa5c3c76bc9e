"""What changed between two rankings of one stream; pure.

Candidates are named by a number. One that leaves and comes back gets another, so that what a receiver must
remember is the last ranking and nothing else.
"""

from spreadmesh.scan.v1.ranking_pb2 import RankingDelta

from scanner_server.live.ranked import Key, Ranked
from scanner_server.translation.surface import without_smiles
from scanner_server.translation.times import timestamp_of


def numbers(ranked: Ranked, known: dict[Key, int], first_free: int) -> tuple[dict[Key, int], int]:
    """Ids of the candidates: those `known` where a spread stays, else numbers from `first_free` on.

    Returns:
        Ids by spread, and the first number that is still free.
    """
    ids = {}
    for entry in ranked.entries:
        candidate_id = known.get(entry.key)
        if candidate_id is None:
            candidate_id, first_free = first_free, first_free + 1
        ids[entry.key] = candidate_id
    return ids, first_free


def delta(
    previous: Ranked, ranked: Ranked, ids: dict[Key, int], previous_sequence: int, *, include_smiles: bool
) -> RankingDelta:
    """What turns `previous` into `ranked`, whose candidates have `ids`.

    A candidate is sent again where more has changed than the age of its quotes.
    """
    before = {entry.key: entry for entry in previous.entries}
    message = RankingDelta(
        previous_sequence=previous_sequence,
        market_time=timestamp_of(ranked.market_time),
        changed=[
            entry.dated(ranked.market_time, ids[entry.key])
            for entry in ranked.entries
            if _is_news(before.get(entry.key), entry)
        ],
        order=[ids[entry.key] for entry in ranked.entries],
        basis=ranked.basis,
    )
    if _is_news(previous.surface, ranked.surface):
        message.surface.CopyFrom(ranked.surface)
        if not include_smiles:
            without_smiles(message.surface)
    return message


def _is_news(before: object, now: object) -> bool:
    """Whether they differ; nearly always one look is enough."""
    return before is not now and before != now
