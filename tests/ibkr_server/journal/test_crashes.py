"""Real processes that are killed, or that the kernel lets write no further: nothing acknowledged is lost."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from ibkr_server.journal.journal import Journal
from tests.ibkr_server.journal.tampering import audit

ROOT = Path(__file__).parents[3]
WRITER = [sys.executable, "-m", "tests.ibkr_server.journal.writer"]


def acknowledged(lines: list[str]) -> dict[int, str]:
    return {int(sequence): hash_ for sequence, hash_ in (line.split() for line in lines)}


def kill_after(path: Path, lines: int) -> dict[int, str]:
    """What a writer had acknowledged that was killed in the midst of what follows so many lines."""
    with subprocess.Popen([*WRITER, path], cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        rest = writer.stdout.read().splitlines(keepends=True)
    return acknowledged([line for line in told + rest if line.endswith("\n")])


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(path: Path) -> None:
    known: dict[int, str] = {}
    generator = random.Random(7)
    for _ in range(8):
        told = kill_after(path, generator.randint(1, 200))
        assert len(told) >= 1
        assert min(told) > max(known, default=0)
        known |= told
        with Journal.open(path, lambda: 7) as journal:
            kept = {entry.sequence: entry.hash.hex() for entry in journal.entries()}
        assert known.items() <= kept.items()
        assert len(kept) % 2 == 0, "half of a transaction was kept"
    assert audit(path).broken is None


@pytest.mark.parametrize("limit", [40_000, 200_000, 1_500_000])
def test_a_file_that_may_not_grow_refuses_and_keeps_what_was_acknowledged(path: Path, limit: int) -> None:
    done = subprocess.run(
        [*WRITER, path, str(limit)], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    refusals = [line for line in lines if line.startswith("refused")]
    assert len(refusals) == 2
    assert "can't be written: disk I/O error" in refusals[0]
    assert "takes no more entries" in refusals[1]
    known = acknowledged([line for line in lines if line not in refusals])
    with Journal.open(path, lambda: 7) as journal:
        assert known == {entry.sequence: entry.hash.hex() for entry in journal.entries()}
