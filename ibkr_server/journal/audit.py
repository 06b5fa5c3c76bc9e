"""What a journal says: whether its chain holds, and the story of an order. Free of files."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import BrokenChainError


@dataclass(slots=True)
class Audit:
    """What was found in a journal.

    Attributes:
        entries: how many hold, from the first on.
        orders: client order ids among them.
        kinds: how many there are of each kind.
        first_us: time of the first, microseconds since 1970 UTC; None of an empty journal.
        last: the last that holds.
        broken: what is wrong, None where all is right; its `sequence` is the first bad one.
    """

    entries: int = 0
    orders: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    first_us: int | None = None
    last: Entry | None = None
    broken: BrokenChainError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the life of an order; states are None as long as it has none."""

    sequence: int
    time_us: int
    what: str
    before: str | None
    after: str | None
    details: Mapping[str, Any]


def audited(entries: Iterable[Entry]) -> Audit:
    """Read entries to their end, or to where they no longer hold.

    Args:
        entries: In order, from a source that checks each and raises BrokenChainError.
    """
    audit = Audit()
    try:
        for entry in entries:
            audit.entries += 1
            audit.kinds[entry.kind] += 1
            audit.first_us = entry.time_us if audit.first_us is None else audit.first_us
            audit.last = entry
            if entry.client_order_id is not None:
                audit.orders.add(entry.client_order_id)
    except BrokenChainError as error:
        audit.broken = error
    return audit


def story(
    entries: Iterable[Entry], client_order_id: str, state_after: Callable[[Entry], str | None]
) -> Iterator[Step]:
    """The steps of one order: entries that name it, and others that change its state. Kinds don't matter.

    Args:
        entries: All, from the first on.
        client_order_id: The order.
        state_after: Its state after the next entry; called with each, once and in order.
    """
    before: str | None = None
    for entry in entries:
        after = state_after(entry)
        if entry.client_order_id == client_order_id or after != before:
            yield Step(entry.sequence, entry.time_us, entry.kind, before, after, entry.payload)
        before = after


def readable(details: Mapping[str, Any], path: str = "") -> str:
    """Details as `key=value`, nested ones as `outer.inner=value`, without those that are null or empty text.

    What a terminal would obey is escaped.
    """
    words = []
    for key, value in details.items():
        name = f"{path}{_plain(key)}"
        if value is None or value == "":
            continue
        if isinstance(value, Mapping) and value:
            words.append(readable(value, f"{name}."))
        else:
            words.append(f"{name}={_plain(value)}")
    return " ".join(words)


def _plain(value: object) -> str:
    if isinstance(value, str) and value and value.isprintable() and " " not in value:
        return value
    return json.dumps(value, ensure_ascii=not isinstance(value, str) or not value.isprintable())
