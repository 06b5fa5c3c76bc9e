"""A journal that can't be used ends the start with one line that says why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ibkr_server.journal.journal import Journal


def reason(journal: Path) -> str:
    """What a server says of its journal before it ends."""
    settings = {"JOURNAL": str(journal), "PORT": "0", "LOG_FORMAT": "json"}
    command = [sys.executable, "-m", "ibkr_server"]
    done = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, timeout=30, check=False
    )
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert (done.returncode, told["level"], told["event"]) == (1, "critical", "ibkr_server cannot run")
    return str(told["reason"])


def test_what_is_no_journal(tmp_path: Path) -> None:
    journal = tmp_path / "orders.db"
    journal.write_text("not a journal")
    assert reason(journal) == f"the order journal {journal} can't be opened: file is not a database"


@pytest.mark.parametrize(("kind", "payload"), [("foreseen", {}), ("halted", {"why": "another word for it"})])
def test_an_entry_that_a_later_version_has_written(
    tmp_path: Path, kind: str, payload: dict[str, str]
) -> None:
    path = tmp_path / "orders.db"
    with Journal.open(path, lambda: 1) as journal:
        journal.append(kind, None, payload)
    assert reason(path).startswith(f"entry 1 of the order journal, '{kind}', is not known to this version")
