"""Whatever is changed in whatever entry is found, and so is what the hash is made of."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.journal.__main__ import main
from ibkr_server.journal.backup import back_up
from ibkr_server.journal.entry import StoredEntry, checked, genesis, link
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.journal import Draft, Journal
from tests.ibkr_server.journal.tampering import audit, tamper

drafts = st.tuples(
    st.sampled_from(["INTENT", "SENT", "FILL", "HALT"]),
    st.none() | st.sampled_from(["a", "b", "ü"]),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=3),
)
COLUMNS = {
    "time_us": st.integers(-(2**63), 2**63 - 1),
    "kind": st.text(),
    "client_order_id": st.none() | st.text(),
    "payload": st.text(),
    "hash": st.binary(max_size=40),
}


def written(path: Path, entries: list[Draft]) -> list[StoredEntry]:
    with Journal.open(path, lambda: 7) as journal:
        journal.append_all(entries)
    with closing(sqlite3.connect(path)) as database:
        return [StoredEntry(*row, None) for row in database.execute("SELECT * FROM entries")]


@settings(max_examples=30, deadline=None)
@given(st.lists(drafts, min_size=1, max_size=5), st.data())
def test_any_change_of_any_column_of_any_entry_is_found(entries: list[Draft], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.sqlite3"
        stored = data.draw(st.sampled_from(written(path, entries)))
        column = data.draw(st.sampled_from(sorted(COLUMNS)))
        value = data.draw(COLUMNS[column].filter(lambda value: value != getattr(stored, column)))
        assert audit(path).broken is None
        tamper(path, f"UPDATE entries SET {column} = ? WHERE sequence = ?", value, stored.sequence)
        broken = audit(path).broken
        assert broken is not None
        assert broken.sequence == stored.sequence
        with pytest.raises(BrokenChainError):
            Journal.open(path, lambda: 7)


@settings(max_examples=30, deadline=None)
@given(st.lists(drafts, min_size=1, max_size=3), st.data())
def test_any_changed_byte_of_a_payload_is_found(entries: list[Draft], data: st.DataObject) -> None:
    """Also where the JSON means the same afterwards, or is no UTF-8 any more."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.sqlite3"
        stored = data.draw(st.sampled_from(written(path, entries)))
        changed = bytearray(stored.payload.encode())
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
        statement = "UPDATE entries SET payload = CAST(? AS TEXT) WHERE sequence = ?"
        tamper(path, statement, bytes(changed), stored.sequence)
        broken = audit(path).broken
        assert broken is not None
        assert broken.sequence == stored.sequence


@given(st.lists(drafts, min_size=2, max_size=7), st.data())
@settings(max_examples=30, deadline=None)
def test_entries_taken_out_are_missed_wherever_they_were(entries: list[Draft], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.sqlite3"
        written(path, entries)
        first = data.draw(st.integers(1, len(entries)))
        last = data.draw(st.integers(first, len(entries)))
        tamper(path, "DELETE FROM entries WHERE sequence BETWEEN ? AND ?", first, last)
        broken = audit(path).broken
        assert broken is not None
        assert broken.sequence == first


@pytest.mark.parametrize("extra", [0, 1])
def test_an_entry_that_the_head_does_not_tell_of_is_found(path: Path, tmp_path: Path, extra: int) -> None:
    """Rightly linked, and with the witness out of the way: one more, or another in place of the last."""
    before, last = written(path, [("INTENT", "a", {}), ("SENT", "a", {})])
    previous = last.hash if extra else before.hash
    forged = (2 + extra, 7, "FILL", "a", "{}")
    values = (*forged, link(previous, *forged))
    tamper(path, "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", *values)
    path.with_name(path.name + ".lock").unlink()
    for use in (lambda: Journal.open(path, lambda: 7), lambda: back_up(path, tmp_path / "copy")):
        with pytest.raises(BrokenChainError) as caught:
            use()
        assert caught.value.sequence == 2 + extra
    assert main(["audit", "--journal", str(path)]) == 1


def test_two_entries_that_changed_places_are_found(path: Path) -> None:
    written(path, [("SENT", "a", {"n": n}) for n in range(4)])
    for old, new in ((2, 9), (3, 2), (9, 3)):
        tamper(path, "UPDATE entries SET sequence = ? WHERE sequence = ?", new, old)
    broken = audit(path).broken
    assert broken is not None
    assert broken.sequence == 2


def test_the_epoch_is_under_the_chain(path: Path) -> None:
    written(path, [("SENT", "a", {})])
    tamper(path, "UPDATE head SET epoch = 'another'")
    broken = audit(path).broken
    assert broken is not None
    assert broken.sequence == 1


def test_the_epoch_of_an_empty_journal_is_under_the_chain(path: Path) -> None:
    written(path, [])
    tamper(path, "UPDATE head SET epoch = 'another'")
    with pytest.raises(BrokenChainError):
        Journal.open(path, lambda: 7)


def test_a_story_without_its_trigger_is_not_believed(path: Path) -> None:
    written(path, [("SENT", "a", {})])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER entries_delete")
    with pytest.raises(JournalError, match="triggers have been changed"):
        Journal.open(path, lambda: 7)


def test_a_hash_is_what_the_documentation_says() -> None:
    """Computed anew, byte by byte."""
    payload = json.dumps({"limit": "1.25"}, separators=(",", ":"))
    hashed = genesis("e") + (1).to_bytes(8, "big") + (7).to_bytes(8, "big")
    hashed += b"\0\0\0\x06INTENT" + b"\0\0\0\x02\xc3\xbc" + len(payload).to_bytes(4, "big") + payload.encode()
    assert genesis("e") == sha256(b"e").digest()
    assert link(genesis("e"), 1, 7, "INTENT", "ü", payload) == sha256(hashed).digest()
    absent = genesis("e") + (1).to_bytes(8, "big") + (7).to_bytes(8, "big")
    absent += b"\0\0\0\x04HALT" + b"\xff\xff\xff\xff" + b"\0\0\0\x02{}"
    assert link(genesis("e"), 1, 7, "HALT", None, "{}") == sha256(absent).digest()


@given(st.text(), st.none() | st.text(), st.text(), st.text(), st.none() | st.text(), st.text())
def test_no_two_entries_are_hashed_as_the_same_bytes(
    kind: str, order: str | None, payload: str, other_kind: str, other_order: str | None, other_payload: str
) -> None:
    first, second = (kind, order, payload), (other_kind, other_order, other_payload)
    hashes = [link(b"", 1, 7, *fields) for fields in (first, second)]
    assert (hashes[0] == hashes[1]) == (first == second)
    moved = [link(b"", 1, 7, *fields) for fields in ((kind + payload, None, ""), (kind, None, payload))]
    assert (moved[0] == moved[1]) == (not payload)


def test_a_column_of_another_type_is_no_entry() -> None:
    stored = StoredEntry(1, 7, "SENT", 5, "{}", b"", None)  # type: ignore[arg-type] # as a damaged file may hold
    with pytest.raises(BrokenChainError, match="can't be read"):
        checked(stored, genesis("e"))
