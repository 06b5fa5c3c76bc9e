"""The journal as its users see it: what is appended is there, in order, also after it is opened anew."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Draft, Journal

NOON_US = 1_450_976_400_000_000

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
drafts = st.tuples(st.text(), st.none() | st.text(), st.dictionaries(st.text(), json_values, max_size=4))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(drafts, max_size=4), max_size=5))
def test_entries_are_the_same_when_the_journal_is_opened_anew(transactions: list[list[Draft]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.sqlite3"
        with Journal.open(path, lambda: NOON_US) as journal:
            epoch = journal.epoch
            written = [entry for given in transactions for entry in journal.append_all(given)]
        with Journal.open(path, lambda: NOON_US) as journal:
            assert journal.epoch == epoch
            assert list(journal.entries()) == written
            assert journal.last_sequence == len(written)
    given = [draft for transaction in transactions for draft in transaction]
    assert [(entry.kind, entry.client_order_id, entry.payload) for entry in written] == given
    assert [entry.sequence for entry in written] == list(range(1, len(given) + 1))


def test_entries_are_numbered_and_timed(journal: Journal) -> None:
    first = journal.append("INTENT", "a", {"limit": "-1.25", "legs": (1, 2)})
    second, third = journal.append_all([("SENT", "a", {}), ("HALT", None, {"by": "me"})])
    assert (first.sequence, second.sequence, third.sequence) == (1, 2, 3)
    assert (first.time_us, second.time_us, third.time_us) == (NOON_US, NOON_US + 10**6, NOON_US + 10**6)
    assert first.payload == {"limit": "-1.25", "legs": [1, 2]}
    assert journal.last_sequence == 3


def test_entries_of_a_range_and_of_an_order(journal: Journal) -> None:
    journal.append_all([("FILL", order, {"n": n}) for n in range(1, 1100) for order in ("a", "b")])
    assert [entry.sequence for entry in journal.entries(2195)] == [2196, 2197, 2198]
    assert [entry.sequence for entry in journal.entries(3, 5)] == [4, 5]
    assert [entry.sequence for entry in journal.entries(3, 9, "b")] == [4, 6, 8]
    assert [entry.payload["n"] for entry in journal.entries(client_order_id="a")] == list(range(1, 1100))
    assert list(journal.entries(client_order_id="c")) == []


def test_what_is_appended_while_entries_are_read_is_not_among_them(journal: Journal) -> None:
    journal.append_all([("FILL", "a", {})] * 1500)
    read = journal.entries()
    next(read)
    journal.append("FILL", "a", {})
    assert sum(1 for _ in read) == 1499


@pytest.mark.parametrize(
    "payload", [{"price": float("nan")}, {"price": float("inf")}, {"price": object()}, {1: "a"}]
)
def test_what_is_not_json_is_refused_before_anything_is_written(
    journal: Journal, payload: dict[str, object]
) -> None:
    with pytest.raises((TypeError, ValueError)):
        journal.append_all([("INTENT", "a", {}), ("SENT", "a", payload)])
    assert journal.last_sequence == 0
    assert journal.append("INTENT", "a", {}).sequence == 1


def test_nothing_is_appended_to_a_closed_journal(journal: Journal) -> None:
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append("INTENT", "a", {})
    with pytest.raises(JournalError):
        list(journal.entries())


def test_every_commit_is_synced_to_a_write_ahead_log(journal: Journal, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._database.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET kind = 'SENT'",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE sequence = 2",
        "INSERT OR REPLACE INTO entries VALUES (1, 1, 'SENT', NULL, '{}', x'00')",
        "INSERT INTO entries VALUES (4, 1, 'SENT', NULL, '{}', x'00')",
        "UPDATE head SET sequence = 1",
        "UPDATE head SET epoch = 'x', sequence = 3",
        "DELETE FROM head",
        "INSERT INTO head VALUES ('x', 9, x'00')",
    ],
)
def test_sqlite_itself_refuses_to_change_what_is_written(
    journal: Journal, path: Path, statement: str
) -> None:
    journal.append_all([("INTENT", "a", {}), ("SENT", "a", {})])
    with closing(sqlite3.connect(path)) as database, database, pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)
    assert [entry.kind for entry in journal.entries()] == ["INTENT", "SENT"]


def test_a_second_opener_is_refused_and_told_who_has_it(
    journal: Journal, path: Path, clock: Callable[[], int]
) -> None:
    with pytest.raises(JournalError, match="in use by another process"):
        Journal.open(path, clock)
    program = (
        "import sys, pathlib; from ibkr_server.journal.journal import Journal;"
        "Journal.open(pathlib.Path(sys.argv[1]), lambda: 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode != 0
    assert "in use by another process" in done.stderr
    journal.append("INTENT", "a", {})
    journal.close()
    with Journal.open(path, clock) as reopened:
        assert reopened.last_sequence == 1


def test_a_journal_under_another_name_is_the_same(journal: Journal, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "link.sqlite3"
    other.symlink_to(path)
    with pytest.raises(JournalError, match="in use"):
        Journal.open(other, lambda: 0)
