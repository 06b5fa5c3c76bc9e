"""A commit that fails: nothing of it is written, and the journal says whether to try again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Journal
from tests.ibkr_server.journal.tampering import audit, tamper

LARGE = {"text": "x" * 100_000}


def test_a_full_disk_refuses_and_may_be_tried_again(journal: Journal, path: Path) -> None:
    journal.append("INTENT", "a", {})
    journal._database.execute("PRAGMA max_page_count = 10")
    with pytest.raises(JournalError, match="full"):
        journal.append_all([("SENT", "a", {}), ("SENT", "a", LARGE)])
    assert [entry.kind for entry in journal.entries()] == ["INTENT"]
    assert journal.append("REPORTED", "a", {}).sequence == 2  # a small one still fits
    journal._database.execute("PRAGMA max_page_count = 1000")
    assert journal.append("FILL", "a", LARGE).sequence == 3
    assert audit(path).entries == 3


def test_a_busy_file_refuses_and_may_be_tried_again(journal: Journal, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked"):
            journal.append("INTENT", "a", {})
    assert journal.append("INTENT", "a", {}).sequence == 1


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_nothing_is_written_to_a_file_that_was_removed(journal: Journal, path: Path, suffix: str) -> None:
    journal.append("INTENT", "a", {})
    file = path.with_name(path.name + suffix)
    aside = file.rename(file.with_name("aside"))
    with pytest.raises(JournalError, match="No such file"):
        journal.append("SENT", "a", {})
    aside.rename(file)
    with pytest.raises(JournalError, match="takes no more entries"):
        journal.append("SENT", "a", {})


def test_nothing_is_written_to_a_file_that_was_replaced(journal: Journal, path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(JournalError, match="replaced"):
        journal.append("SENT", "a", {})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE head SET hash = x'00'", "INSERT INTO entries VALUES (2, 7, 'SENT', 'b', '{}', x'00')"],
    ids=["head", "entries"],
)
def test_nothing_is_written_after_another_writer(journal: Journal, path: Path, statement: str) -> None:
    journal.append("INTENT", "a", {})
    tamper(path, statement)
    with pytest.raises(JournalError, match=r"can't be written: (something else|entries are only)"):
        journal.append("SENT", "a", {})
    with pytest.raises(JournalError, match="takes no more entries"):
        journal.append("SENT", "a", {})


def test_a_folder_that_can_not_be_written_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (Path("/proc/orders.sqlite3"), tmp_path / "file" / "orders.sqlite3", tmp_path):
        with pytest.raises(JournalError, match="can't be opened"):
            Journal.open(path, lambda: 7)


def test_folders_are_made_for_nobody_else_to_look_into(tmp_path: Path) -> None:
    path = tmp_path / "state" / "spreadmesh" / "orders.sqlite3"
    with Journal.open(path, lambda: 7) as journal:
        assert journal.append("INTENT", "a", {}).sequence == 1
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
