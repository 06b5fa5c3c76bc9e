"""Stories of orders, on entries made by hand; and every entry counted up to the first bad one."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.journal.audit import audited, readable, story
from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import BrokenChainError


def entry(sequence: int, kind: str, order: str | None = "a", **payload: object) -> Entry:
    return Entry(sequence, sequence * 1000, kind, order, payload, b"")


def test_a_story_goes_from_state_to_state() -> None:
    steps = list(
        story(
            [
                entry(1, "INTENT", state="PENDING", limit="-1.25"),
                entry(2, "NEVER_SEEN_BEFORE", by="me"),
                entry(5, "REPORTED", state="FILLED"),
            ]
        )
    )
    assert [(step.what, step.before, step.after) for step in steps] == [
        ("INTENT", None, "PENDING"),
        ("NEVER_SEEN_BEFORE", "PENDING", "PENDING"),
        ("REPORTED", "PENDING", "FILLED"),
    ]
    assert [step.details for step in steps] == [{"limit": "-1.25"}, {"by": "me"}, {}]
    assert [(step.sequence, step.time_us) for step in steps] == [(1, 1000), (2, 2000), (5, 5000)]


def test_an_audit_counts_up_to_the_first_bad_entry() -> None:
    def entries() -> Iterator[Entry]:
        yield entry(1, "INTENT")
        yield entry(2, "HALT", None)
        yield entry(3, "INTENT", "b")
        raise BrokenChainError(4, "is missing")

    audit = audited(entries())
    assert (audit.entries, audit.orders, audit.first_us) == (3, {"a", "b"}, 1000)
    assert audit.kinds == {"INTENT": 2, "HALT": 1}
    assert audit.last is not None
    assert audit.last.sequence == 3
    assert audit.broken is not None
    assert audit.broken.sequence == 4


def test_an_empty_journal_is_whole() -> None:
    audit = audited([])
    assert (audit.entries, audit.first_us, audit.last, audit.broken) == (0, None, None, None)


@pytest.mark.parametrize(
    ("details", "text"),
    [
        (
            {"limit": "-1.25", "order_id": 7, "live": True, "at": None},
            "limit=-1.25 order_id=7 live=true at=null",
        ),
        ({"request": {"price": {"limit": "1"}, "side": "BUY"}}, "request.price.limit=1 request.side=BUY"),
        ({"legs": [{"con_id": 1}], "none": {}, "empty": ""}, 'legs=[{"con_id": 1}] none={} empty=""'),
        ({"text": "two words", "ü": "é"}, 'text="two words" ü=é'),
        ({"text": "\x1b[31mred\n", "legs": ["\x1b"]}, 'text="\\u001b[31mred\\n" legs=["\\u001b"]'),
    ],
)
def test_details_are_readable(details: dict[str, object], text: str) -> None:
    assert readable(details) == text


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())))
def test_nothing_that_a_terminal_obeys_is_printed(details: dict[str, object]) -> None:
    assert readable(details).isprintable()
