"""One ranking out of those of many underlyings."""

from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Place(NamedTuple):
    """Where a candidate belongs: the smallest comes first.

    Attributes:
        value: what is ranked by, negated, since the largest comes first.
        max_loss: per share.
        con_ids: of the legs, by strike.
        strategy: its name.
    """

    value: float
    max_loss: float
    con_ids: tuple[int, ...]
    strategy: str


class Placed(NamedTuple, Generic[Item]):
    """Something with its place."""

    place: Place
    item: Item


def merged(
    best: Sequence[Placed[Item]], more: Iterable[Placed[Item]], limit: int
) -> tuple[Placed[Item], ...]:
    """The first `limit` of two rankings, each of which is in order.

    What each of them lists keeps its order, so that nothing changes places where a score is known with
    another last digit than the one it was ranked by.
    """
    return tuple(islice(merge(best, more, key=lambda placed: placed.place), limit))
