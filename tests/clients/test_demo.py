"""`spreadmesh demo` on a terminal, as a newcomer runs it."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Terminal:
    """A command on a pseudo-terminal of 160 columns."""

    def __init__(self, state_dir: Path, *arguments: str) -> None:
        self.screen = ""
        self._own, theirs = pty.openpty()
        size = {"COLUMNS": "160", "LINES": "45", "TERM": "xterm", "SPREADMESH_STATE_DIR": str(state_dir)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from spreadmesh_client.cli import main; main()", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | size,
            start_new_session=True,
        )
        os.close(theirs)

    def read_until(self, *texts: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not all(text in self.screen for text in texts):
            assert time.monotonic() < deadline, self.screen[-2000:]
            self._read(0.2)

    def wait(self, seconds: float = 20) -> int:
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "still running"
            self._read(0.1)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.wait()
        os.close(self._own)

    def _read(self, seconds: float) -> None:
        if select.select([self._own], [], [], seconds)[0]:
            try:
                self.screen += os.read(self._own, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                time.sleep(0.05)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Any]:
    opened: list[Terminal] = []

    def run(*arguments: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def processes_of(tmp_path: Path) -> list[int]:
    """The processes of a demo, itself included, by the state folder in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SPREADMESH_STATE_DIR={tmp_path}".encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
        except OSError:
            continue
    return found


def test_it_shows_a_live_ranking_and_leaves_nothing_behind(terminal: Any, tmp_path: Path) -> None:
    demo = terminal("demo")
    demo.read_until("Starting")
    demo.read_until("SPY", "Score", "contracts quoted", "surface")
    assert len(processes_of(tmp_path)) == 4
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait() == 0
    assert "Traceback" not in demo.screen
    assert processes_of(tmp_path) == []


def test_it_ends_by_itself(terminal: Any, tmp_path: Path) -> None:
    demo = terminal("demo", "--seconds", "1")
    assert demo.wait(30) == 0
    assert processes_of(tmp_path) == []
