"""Files that were cut, overwritten, removed or exchanged: refused, or found to hold all that was written."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.journal import TAIL, Journal
from tests.ibkr_server.journal.tampering import audit, tamper


def opened(path: Path) -> Journal:
    return Journal.open(path, lambda: 7)


@pytest.fixture
def entries(path: Path) -> list[Entry]:
    """Twenty entries on several pages of a journal that was closed."""
    with opened(path) as journal:
        return [journal.append("FILL", "a", {"n": n, "text": "x" * 500}) for n in range(20)]


Files = dict[str, bytes]
"""Content of each file of a journal, by what its name has beyond that of the journal."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, Files, list[Entry]]:
    """A journal as a killed process leaves it, entries still in its write-ahead log; and closed."""
    path = tmp_path_factory.mktemp("sample") / "orders.sqlite3"

    def files() -> Files:
        found = path.parent.glob(f"{path.name}*")
        return {file.name.removeprefix(path.name): file.read_bytes() for file in found}

    with opened(path) as journal:
        entries = [journal.append("FILL", "a", {"n": n}) for n in range(20)]
        left = files()
    return left, files(), entries


def put(path: Path, files: Files) -> Path:
    for suffix, content in files.items():
        path.with_name(path.name + suffix).write_bytes(content)
    return path


@pytest.fixture
def left(path: Path, samples: tuple[Files, Files, list[Entry]]) -> tuple[Path, list[Entry]]:
    """What a killed process leaves, in a folder of its own."""
    return put(path, samples[0]), samples[2]


def assert_refused_or_whole(path: Path, entries: list[Entry]) -> None:
    try:
        with opened(path) as journal:
            assert list(journal.entries()) == entries
    except JournalError:
        return


def test_a_file_cut_anywhere_is_refused(path: Path, entries: list[Entry]) -> None:
    whole = path.read_bytes()
    assert len(whole) > 3 * 4096
    for length in [*range(0, len(whole), 4096), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(JournalError):
            opened(path)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), log=st.booleans())
def test_a_byte_changed_anywhere_loses_nothing_unseen(
    samples: tuple[Files, Files, list[Entry]], data: st.DataObject, log: bool
) -> None:
    """Also in the write-ahead log."""
    left, closed, entries = samples
    suffix = "-wal" if log else ""
    files = left if log else closed
    content = bytearray(files[suffix])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with TemporaryDirectory() as folder:
        path = put(Path(folder) / "orders.sqlite3", files | {suffix: bytes(content)})
        assert_refused_or_whole(path, entries)


def test_what_a_killed_process_left_is_whole(left: tuple[Path, list[Entry]]) -> None:
    path, entries = left
    with opened(path) as journal:
        assert list(journal.entries()) == entries


def test_a_write_ahead_log_that_was_cut_is_missed(left: tuple[Path, list[Entry]]) -> None:
    path, entries = left
    log = path.with_name(path.name + "-wal")
    log.write_bytes(log.read_bytes()[:-1])
    with pytest.raises(BrokenChainError) as caught:
        opened(path)
    assert caught.value.sequence == len(entries)


def test_a_lost_write_ahead_log_is_missed(left: tuple[Path, list[Entry]]) -> None:
    path, _ = left
    path.with_name(path.name + "-wal").unlink()
    with pytest.raises(JournalError):
        opened(path)


def test_deleted_last_entries_are_missed(path: Path, entries: list[Entry]) -> None:
    tamper(path, "DELETE FROM entries WHERE sequence > 15")
    broken = audit(path).broken
    assert broken is not None
    assert broken.sequence == 16
    with pytest.raises(BrokenChainError):
        opened(path)


def test_a_cut_that_also_moves_the_head_is_known_to_the_witness_alone(
    path: Path, entries: list[Entry]
) -> None:
    tamper(path, "DELETE FROM entries WHERE sequence > 15")
    tamper(path, "UPDATE head SET sequence = 15, hash = ?", entries[14].hash)
    assert audit(path).broken is None
    with pytest.raises(BrokenChainError, match="entry 16 is missing: there were 20 once"):
        opened(path)
    path.with_name(path.name + ".lock").unlink()
    with opened(path) as journal:
        assert journal.last_sequence == 15


def test_an_older_copy_is_no_restored_journal_until_somebody_says_so(
    path: Path, tmp_path: Path, entries: list[Entry]
) -> None:
    older = shutil.copy(path, tmp_path / "older")
    with opened(path) as journal:
        journal.append("SENT", "b", {})
    shutil.copy(older, path)
    with pytest.raises(BrokenChainError, match="entry 21 is missing"):
        opened(path)
    path.with_name(path.name + ".lock").unlink()
    with opened(path) as journal:
        assert list(journal.entries()) == entries


def test_another_journal_in_its_place_is_refused(path: Path, tmp_path: Path, entries: list[Entry]) -> None:
    with opened(tmp_path / "other") as other:
        other.append_all([("SENT", "b", {})] * 30)
    shutil.copy(tmp_path / "other", path)
    with pytest.raises(BrokenChainError, match="entry 20 is not the one that was once there"):
        opened(path)


def test_a_journal_that_is_gone_is_not_begun_anew(path: Path, entries: list[Entry]) -> None:
    path.unlink()
    with pytest.raises(JournalError, match="it is gone"):
        opened(path)


def test_a_log_without_its_file_is_not_played_into_a_new_one(left: tuple[Path, list[Entry]]) -> None:
    path, _ = left
    path.unlink()
    path.with_name(path.name + ".lock").unlink()
    with pytest.raises(JournalError, match="it is gone"):
        opened(path)


@pytest.mark.parametrize("rest", [b"", b"\0" * 97, b"no record", b"\xff\xff"])
def test_a_witness_that_a_power_cut_made_illegible_is_no_obstacle(
    path: Path, entries: list[Entry], rest: bytes
) -> None:
    path.with_name(path.name + ".lock").write_bytes(rest)
    with opened(path) as journal:
        assert list(journal.entries()) == entries


def test_what_is_left_of_making_a_file_is_no_obstacle(path: Path) -> None:
    path.with_name(path.name + ".new").write_bytes(b"half of a schema")
    with opened(path) as journal:
        assert journal.append("SENT", "a", {}).sequence == 1


def test_an_old_entry_is_checked_when_it_is_read(path: Path) -> None:
    with opened(path) as journal:
        journal.append_all([("FILL", "a", {"n": n}) for n in range(TAIL + 2)])
    tamper(path, "UPDATE entries SET kind = 'SENT' WHERE sequence = 2")
    with opened(path) as journal, pytest.raises(BrokenChainError) as caught:
        list(journal.entries())
    assert caught.value.sequence == 2


@pytest.mark.parametrize("content", [b"hello", b"hello" * 1000])
def test_a_file_of_something_else_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError):
        opened(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE other (a)")
    content = path.read_bytes()
    with pytest.raises(JournalError, match="not an order journal"):
        opened(path)
    assert path.read_bytes() == content


def test_another_version_is_refused(path: Path, entries: list[Entry]) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")
    with pytest.raises(JournalError, match="version 2"):
        opened(path)
