"""A virtual environment whose set-up was interrupted is made anew."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "environment.py"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock that asks for nothing, so that no network is needed."""
    path = tmp_path / "empty.lock"
    path.write_text("")
    return path


def set_up(folder: Path, lock: Path) -> int:
    command = [sys.executable, str(SCRIPT), str(folder), str(lock)]
    return subprocess.run(command, check=False, capture_output=True, timeout=100).returncode


def test_an_interrupted_environment_is_replaced_and_a_whole_one_kept(tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / "venv"
    assert set_up(folder, lock) == 0
    assert (folder / "bin" / "python").exists()
    assert not (folder / ".unfinished").exists()

    (folder / "kept").touch()
    assert set_up(folder, lock) == 0
    assert (folder / "kept").exists()

    (folder / ".unfinished").touch()
    assert set_up(folder, lock) == 0
    assert not (folder / "kept").exists()
    assert (folder / "bin" / "python").exists()


def test_a_failure_leaves_the_mark(tmp_path: Path, lock: Path) -> None:
    lock.write_text("no-hash==1.0\n")
    folder = tmp_path / "venv"
    assert set_up(folder, lock) != 0
    assert (folder / ".unfinished").exists()
