"""Copies of a journal that is being written to."""

import threading
from pathlib import Path

import pytest

from ibkr_server.journal.backup import back_up
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.journal import Journal
from tests.ibkr_server.journal.tampering import audit, tamper


def test_a_copy_is_the_journal_of_one_moment(journal: Journal, path: Path, tmp_path: Path) -> None:
    entries = [journal.append("FILL", "a", {"n": n}) for n in range(50)]
    head = back_up(path, tmp_path / "copy")
    journal.append("FILL", "a", {"n": 50})
    assert (head.epoch, head.sequence, head.hash) == (journal.epoch, 50, entries[-1].hash)
    assert [file.name for file in tmp_path.glob("copy*")] == ["copy"]
    with Journal.open(tmp_path / "copy", lambda: 7) as copy:
        assert copy.epoch == journal.epoch
        assert list(copy.entries()) == entries
        assert copy.append("SENT", "b", {}).sequence == 51


def test_copies_made_while_entries_are_written_are_whole(
    journal: Journal, path: Path, tmp_path: Path
) -> None:
    ended = threading.Event()
    heads: list[int] = []

    def copy_on() -> None:
        while not ended.is_set():
            heads.append(back_up(path, tmp_path / f"copy{len(heads)}").sequence)

    copying = threading.Thread(target=copy_on)
    copying.start()
    try:
        while len(heads) < 5 and copying.is_alive():
            journal.append_all([("FILL", "a", {}), ("FILL", "a", {})])
    finally:
        ended.set()
        copying.join(30)
    assert heads == sorted(heads)
    assert heads[-1] > heads[0]
    assert all(sequence % 2 == 0 for sequence in heads)
    assert [audit(tmp_path / f"copy{n}").entries for n in range(len(heads))] == heads


def test_a_copy_takes_nothings_place(journal: Journal, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("dear")
    with pytest.raises(JournalError, match="there already"):
        back_up(path, target)
    assert target.read_text() == "dear"


def test_there_is_no_copy_of_a_broken_journal(journal: Journal, path: Path, tmp_path: Path) -> None:
    journal.append_all([("FILL", "a", {})] * 3)
    tamper(path, "UPDATE entries SET kind = 'SENT' WHERE sequence = 2")
    with pytest.raises(BrokenChainError) as caught:
        back_up(path, tmp_path / "copy")
    assert caught.value.sequence == 2
    assert not (tmp_path / "copy").exists()
