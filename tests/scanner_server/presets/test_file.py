"""The file of presets: what is saved is there, and a file that can't be used says so."""

import sqlite3
from pathlib import Path

import pytest
from spreadmesh.scan.v1.preset_service_pb2 import Preset
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from scanner_server.presets.file import PresetFile, TooManyPresets


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.sqlite3"


def preset(name: str, limit: int = 5) -> Preset:
    return Preset(name=name, summary=f"the {name} one", spec=ScanSpec(limit=limit))


def test_presets_outlive_the_file_object_and_are_seen_by_another(path: Path) -> None:
    one, other = PresetFile.open(path), PresetFile.open(path)
    assert one.save(preset("b"), 9) is False
    assert other.save(preset("a"), 9) is False
    assert other.save(preset("b", limit=7), 9) is True
    assert one.all() == PresetFile.open(path).all() == [preset("a"), preset("b", limit=7)]
    assert one.get("a") == preset("a")
    assert one.delete("a") == preset("a")
    assert (other.get("a"), other.delete("a")) == (None, None)


def test_one_more_than_the_limit_is_refused_but_not_a_replacement(path: Path) -> None:
    file = PresetFile.open(path)
    for name in "ab":
        file.save(preset(name), 2)
    with pytest.raises(TooManyPresets):
        file.save(preset("c"), 2)
    assert file.save(preset("b", limit=7), 2) is True
    assert [kept.name for kept in file.all()] == ["a", "b"]


def test_it_is_a_database_with_a_write_ahead_log(path: Path) -> None:
    PresetFile.open(path)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def damaged(path: Path) -> None:
    file = PresetFile.open(path)
    for number in range(200):
        file.save(preset(f"n{number}"), 1000)
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


def of_another_program(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE presets (name TEXT)")


def of_a_later_version(path: Path) -> None:
    PresetFile.open(path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")


def with_a_spec_that_is_none(path: Path) -> None:
    PresetFile.open(path)
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO presets VALUES ('a', '', x'ffffff')")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"not a database" * 99), "not a database"),
        (lambda path: path.mkdir(), "unable to open"),
        (damaged, "damaged|malformed"),
        (of_another_program, "another program"),
        (of_a_later_version, "another version"),
        (with_a_spec_that_is_none, "pars"),
    ],
    ids=["empty", "text", "folder", "damaged", "foreign", "later", "spec"],
)
def test_a_file_that_cannot_be_used_is_told_and_left_as_it_is(path: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(OSError, match=f"presets in {path} can't be used: .*({said})"):
        PresetFile.open(path)
    assert before is None or path.read_bytes() == before


def test_a_file_that_goes_is_not_made_anew(path: Path) -> None:
    file = PresetFile.open(path)
    path.unlink()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        file.save(preset("a"), 9)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(OSError, match="unable to open"):
        PresetFile.open(path.parent / "nowhere" / "presets.sqlite3")
