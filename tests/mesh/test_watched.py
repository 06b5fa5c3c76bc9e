"""Files that are exchanged while they are watched: seen soon and whole; slips are survived."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from mesh.watched import Watched


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files that belong together, as a mounted secret: links through one that is exchanged at once."""
    exchange(tmp_path, 0)
    files = [tmp_path / "left", tmp_path / "right"]
    for file in files:
        file.symlink_to(Path("..data") / file.name)
    return files


def exchange(folder: Path, number: int) -> None:
    fresh = folder / f"..{number}"
    fresh.mkdir()
    for name in ("left", "right"):
        (fresh / name).write_text(str(number))
    (folder / "..next").symlink_to(fresh.name)
    (folder / "..next").replace(folder / "..data")


def reader(files: list[Path]) -> Callable[[], tuple[int, ...]]:
    return lambda: tuple(int(file.read_text()) for file in files)


def test_a_change_is_seen_within_a_second_and_files_are_not_looked_at_more_often(files, clock, tmp_path):
    watched = Watched("numbers", files, reader(files), clock)
    exchange(tmp_path, 1)
    clock.now = 0.99
    assert watched.current() == (0, 0)
    clock.now = 1.0
    assert watched.current() == (1, 1)
    exchange(tmp_path, 2)
    assert watched.current() == (1, 1)
    clock.now = 2.0
    assert watched.current() == (2, 2)


def test_files_are_read_for_a_change_only(files, clock):
    reads = []
    read = reader(files)
    watched = Watched("numbers", files, lambda: reads.append(1) or read(), clock)
    for second in range(5):
        clock.now = float(second)
        watched.current()
    assert len(reads) == 1


def test_a_file_of_the_same_size_and_time_is_another(files, clock, tmp_path):
    watched = Watched("numbers", files, reader(files), clock)
    times = [file.stat().st_mtime_ns for file in files]
    exchange(tmp_path, 1)
    for file, time in zip(files, times, strict=True):
        os.utime(file, ns=(time, time))
    clock.now = 1.0
    assert watched.current() == (1, 1)


@pytest.mark.parametrize("slip", ["gone", "nonsense"])
def test_a_slip_leaves_the_value_and_is_logged_once(files, clock, tmp_path, slip, caplog):
    watched = Watched("numbers", files, reader(files), clock)
    file = tmp_path / "..data" / "left"
    file.unlink() if slip == "gone" else file.write_text("nonsense")
    for second in range(1, 4):
        clock.now = float(second)
        assert watched.current() == (0, 0)
    assert caplog.text.count("numbers could not be read again and stay as they were") == 1
    exchange(tmp_path, 1)
    clock.now = 4.0
    assert watched.current() == (1, 1)


def test_what_changed_under_the_reading_does_not_count(files, clock, tmp_path):
    def torn() -> tuple[int, ...]:
        left = int(files[0].read_text())
        for number in changes:
            exchange(tmp_path, number)
        changes.clear()
        return left, int(files[1].read_text())

    changes: list[int] = [1]
    watched = Watched("numbers", files, torn, clock)
    assert watched.current() == (1, 1)
    exchange(tmp_path, 2)
    changes = [3]
    clock.now = 1.0
    assert watched.current() == (1, 1)
    clock.now = 2.0
    assert watched.current() == (3, 3)


def test_what_can_not_be_read_at_first_is_an_error(tmp_path, files):
    with pytest.raises(FileNotFoundError):
        Watched("numbers", [tmp_path / "none"], (tmp_path / "none").read_text)
    (tmp_path / "..data" / "right").write_text("nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        Watched("numbers", files, reader(files))


def test_threads_never_see_halves_of_two_versions(files, tmp_path, monkeypatch):
    monkeypatch.setattr("mesh.watched.LOOK_SECONDS", 0.0)
    watched = Watched("numbers", files, reader(files))
    over = Event()

    def watch() -> list[tuple[int, ...]]:
        seen = [watched.current()]
        while not over.is_set():
            seen.append(watched.current())
        return seen

    with ThreadPoolExecutor(4) as threads:
        watching = [threads.submit(watch) for _ in range(4)]
        for number in range(1, 201):
            exchange(tmp_path, number)
        over.set()
    for seen in watching:
        assert all(left == right for left, right in seen.result())
    assert watched.current() == (200, 200)
