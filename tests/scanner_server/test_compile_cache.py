"""Machine code is kept on disk, for the present sources alone, and is not needed there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner_server import warm as warming

ROOT = Path(__file__).parents[2]
WHERE = "from scanner_server.columns import CACHE; print(CACHE)"
READ_ONLY = """
import tempfile
writable = tempfile.TemporaryFile
def refuse(dir):
    if "__pycache__" in str(dir):
        raise OSError(30, "Read-only file system")
    return writable(dir=dir)
tempfile.TemporaryFile = refuse
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as it lies somewhere else, without its cache."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scanner_server", tmp_path / "scanner_server", ignore=ignored)
    return tmp_path


def cache_of(installed: Path, home: Path, before: str = "") -> str:
    """Where it would keep machine code, once the program `before` has run."""
    environment = os.environ | {"PYTHONPATH": str(installed), "HOME": str(home)}
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    found = subprocess.run(
        [sys.executable, "-B", "-c", before + WHERE],
        cwd=installed,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return found.stdout.strip()


def test_it_lies_beside_the_sources_under_a_name_made_of_them(installed: Path, tmp_path: Path) -> None:
    before = cache_of(installed, tmp_path / "home")
    assert Path(before).parent == installed / "scanner_server/__pycache__"
    with (installed / "scanner_server/pricing/normal.py").open("a") as source:
        source.write("\n# changed\n")
    assert cache_of(installed, tmp_path / "home") != before


def test_it_moves_to_the_home_or_is_left_out(installed: Path, tmp_path: Path) -> None:
    (installed / "scanner_server/__pycache__").write_text("a file, hence no folder can be made in it")
    home = tmp_path / "home"
    assert Path(cache_of(installed, home)).parent == home / ".cache/spreadmesh"
    assert cache_of(installed, Path("/dev/null")) == "None"


def test_what_was_compiled_at_the_installation_is_taken_along(installed: Path, tmp_path: Path) -> None:
    machine_code = Path(cache_of(installed, tmp_path / "home")) / "folder" / "loop.nbc"
    machine_code.parent.mkdir()
    machine_code.write_text("compiled")
    for _ in range(2):
        moved = Path(cache_of(installed, tmp_path / "home", READ_ONLY))
        assert moved.parent == tmp_path / "home/.cache/spreadmesh"
        assert [path.relative_to(moved).as_posix() for path in moved.rglob("*")] == [
            "folder",
            "folder/loop.nbc",
        ]


def test_warming_removes_the_machine_code_of_older_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    present, older, other = (tmp_path / name for name in ("compiled-2", "compiled-1", "notes"))
    for folder in (present, older, other):
        folder.mkdir()
    monkeypatch.setattr(warming, "CACHE", present)
    warming.warm()
    assert (present.exists(), older.exists(), other.exists()) == (True, False, True)
