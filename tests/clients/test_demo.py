"""`spreadmesh demo` on a terminal, as a newcomer runs it."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.terminal import Terminal


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
