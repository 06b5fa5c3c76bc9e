"""Volatilities on a real disk, and every way the file can be unusable."""

import os
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.store import DailySeries, VolatilityStore

TODAY = date(2026, 11, 20)
IMPLIED, REALIZED = VolatilityKind.IMPLIED, VolatilityKind.REALIZED
SERIES = DailySeries(
    TODAY, {TODAY - timedelta(days=number): 0.1 + number / 1000 for number in range(250, 0, -1)}
)
OTHER = DailySeries(TODAY, {TODAY - timedelta(days=1): 0.5})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "volatility.sqlite3"


@pytest.fixture
def store(path: Path) -> VolatilityStore:
    return VolatilityStore(path)


def test_what_was_kept_is_there_for_the_next_process(store: VolatilityStore, path: Path) -> None:
    assert store.load("SPY", IMPLIED) is None
    assert not path.exists()
    store.replace("SPY", IMPLIED, SERIES)
    store.replace("AAPL", IMPLIED, OTHER)
    store.replace("SPY", IMPLIED, SERIES)
    again = VolatilityStore(path)
    assert again.load("SPY", IMPLIED) == SERIES
    assert list(again.load("SPY", IMPLIED).values) == sorted(SERIES.values)  # type: ignore[union-attr]  # it's there
    assert again.load("AAPL", IMPLIED) == OTHER
    assert again.load("GOOG", IMPLIED) is None
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_new_series_takes_the_place_of_the_old(store: VolatilityStore) -> None:
    store.replace("SPY", IMPLIED, SERIES)
    store.replace("SPY", IMPLIED, OTHER)
    assert store.load("SPY", IMPLIED) == OTHER


def test_kinds_stand_beside_one_another(store: VolatilityStore) -> None:
    store.replace("SPY", IMPLIED, SERIES)
    store.replace("SPY", REALIZED, OTHER)
    store.replace("SPY", REALIZED, OTHER)
    assert store.load("SPY", IMPLIED) == SERIES
    assert store.load("SPY", REALIZED) == OTHER


@pytest.mark.parametrize(
    "damage", ["text", "middle", "cut", "other_version", "no_table", "bad_date", "bad_value"]
)
def test_a_damaged_file_is_begun_anew(store: VolatilityStore, path: Path, damage: str) -> None:
    for number in range(20):
        store.replace(f"S{number}", IMPLIED, SERIES)
    damage_file(path, damage)
    assert store.load("S7", IMPLIED) is None
    store.replace("S7", IMPLIED, SERIES)
    assert store.load("S7", IMPLIED) == SERIES
    assert path.with_name(path.name + ".damaged").exists()


def damage_file(path: Path, damage: str) -> None:
    content = path.read_bytes()
    statements = {
        "other_version": "PRAGMA user_version = 7",
        "no_table": "DROP TABLE volatility",
        "bad_date": "UPDATE volatility SET day = 'yesterday' WHERE day = '2026-11-19'",
        "bad_value": "UPDATE volatility SET value = -1 WHERE day = '2026-11-19'",
    }
    if damage == "text":
        path.write_text("This is no database." * 1000)
    elif damage == "middle":
        path.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        with sqlite3.connect(path) as database:
            database.execute(statements[damage])
        database.close()


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=8192))
def test_no_content_whatever_is_a_crash(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "volatility.sqlite3"
    path.write_bytes(content)
    store = VolatilityStore(path)
    assert store.load("SPY", IMPLIED) is None
    store.replace("SPY", IMPLIED, OTHER)
    assert store.load("SPY", IMPLIED) == OTHER


def test_where_nothing_can_be_written_it_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = VolatilityStore(tmp_path / "file" / "volatility.sqlite3")
    folder = VolatilityStore(tmp_path)
    for store in (blocked, folder):
        store.replace("SPY", IMPLIED, SERIES)
        assert store.load("SPY", IMPLIED) is None
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_database_of_something_else_is_left_alone(store: VolatilityStore, path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE preset (name TEXT)")
    other.close()
    before = path.read_bytes()
    store.replace("SPY", IMPLIED, SERIES)
    assert store.load("SPY", IMPLIED) is None
    assert path.read_bytes() == before


def test_without_a_file_nothing_is_kept() -> None:
    store = VolatilityStore(None)
    store.replace("SPY", IMPLIED, SERIES)
    assert store.load("SPY", IMPLIED) is None


def test_a_file_that_another_scanner_writes_to_is_left_alone(
    store: VolatilityStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner_server.volatility.store.BUSY_SECONDS", 0.05)
    store.replace("SPY", IMPLIED, SERIES)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        store.replace("SPY", IMPLIED, OTHER)
        assert store.load("SPY", IMPLIED) == SERIES
        other.execute("ROLLBACK")
    other.close()
    assert store.load("SPY", IMPLIED) == SERIES
