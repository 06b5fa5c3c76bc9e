"""Stories of orders, on entries made by hand; and every entry counted up to the first bad one."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.journal.audit import audited, readable, story
from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import BrokenChainError
from ibkr_server.journal.states import OrderStates
from ibkr_server.orders.events import CancelIntent, Intent, Reported, encode
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType


def entry(sequence: int, kind: str, order: str | None = "a", **payload: object) -> Entry:
    return Entry(sequence, sequence * 1000, kind, order, payload, b"")


def test_a_story_goes_from_state_to_state() -> None:
    """Also by an entry that doesn't name the order; kinds mean nothing here."""
    entries = [
        entry(1, "intent", "b"),
        entry(2, "intent", limit_price="-1.25"),
        entry(3, "never seen before", by="me"),
        entry(4, "halted", None),
        entry(6, "all gone", None, why="x"),
    ]
    states = iter([None, "PendingSubmit", "PendingSubmit", "PendingSubmit", "Cancelled"])
    steps = list(story(entries, "a", lambda _: next(states)))
    assert [(step.sequence, step.what, step.before, step.after) for step in steps] == [
        (2, "intent", None, "PendingSubmit"),
        (3, "never seen before", "PendingSubmit", "PendingSubmit"),
        (6, "all gone", "PendingSubmit", "Cancelled"),
    ]
    assert [step.details for step in steps] == [{"limit_price": "-1.25"}, {"by": "me"}, {"why": "x"}]
    assert [step.time_us for step in steps] == [2000, 3000, 6000]


def test_states_are_those_the_server_would_see() -> None:
    spec = OrderSpec((OrderLeg(1, 1), OrderLeg(2, -1)), 1, OrderType.LIMIT, Decimal("-1.25"))
    events = [
        Intent(12, 1, spec, "hash", "owner"),
        Reported(99, OrderState.SUBMITTED),
        CancelIntent("me"),
        Reported(99, OrderState.CANCELLED),
    ]
    states = OrderStates("a")
    encoded = [encode(event) for event in events]
    told = [states.after(entry(n, kind, **body)) for n, (kind, body) in enumerate(encoded, 1)]
    assert told == ["PendingSubmit", "Submitted", "PendingCancel", "Cancelled"]
    assert states.after(entry(5, "halted", None, reason="r", by="me")) == "Cancelled"


@pytest.mark.parametrize("unknown", [entry(1, "of a later version"), entry(1, "reported", perm_id="x")])
def test_no_state_is_told_after_what_is_not_understood(unknown: Entry) -> None:
    states = OrderStates("a")
    spec = OrderSpec((OrderLeg(1, 1),), 1, OrderType.LIMIT, Decimal("1.25"))
    kind, body = encode(Intent(12, 1, spec, "hash", "owner"))
    assert states.after(entry(1, kind, **body)) == "PendingSubmit"
    assert states.after(unknown) is None
    kind, body = encode(Reported(99, OrderState.SUBMITTED))
    assert states.after(entry(3, kind, **body)) is None


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
            "limit=-1.25 order_id=7 live=true",
        ),
        ({"request": {"price": {"limit": "1"}, "side": "BUY"}}, "request.price.limit=1 request.side=BUY"),
        ({"legs": [{"con_id": 1}], "none": {}, "empty": ""}, 'legs=[{"con_id": 1}] none={}'),
        ({"text": "two words", "ü": "é"}, 'text="two words" ü=é'),
        ({"text": "\x1b[31mred\n", "legs": ["\x1b"]}, 'text="\\u001b[31mred\\n" legs=["\\u001b"]'),
    ],
)
def test_details_are_readable(details: dict[str, object], text: str) -> None:
    assert readable(details) == text


@settings(max_examples=50)
@given(st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())))
def test_nothing_that_a_terminal_obeys_is_printed(details: dict[str, object]) -> None:
    assert readable(details).isprintable()
