"""Commits of the order journal, one entry each and synced, against bare inserts of the same rows into SQLite.

`BENCH_COMMITS` (500) is how many there are in each of the rounds, which alternate.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench.result import Result, more, younger
from ibkr_server.journal.entry import encoded
from ibkr_server.journal.journal import Journal

COMMITS = int(os.environ.get("BENCH_COMMITS", "500"))
ROUNDS = 11
INTENT = {
    "state": "PENDING",
    "request": {
        "legs": [
            {"con_id": 756733 + leg, "ratio": 1, "side": side} for leg, side in enumerate(["BUY", "SELL"])
        ],
        "quantity": "1",
        "limit": "-1.25",
        "time_in_force": "DAY",
    },
    "request_hash": "5" * 64,
    "order_id": 12,
}

Times = list[float]


def now_us() -> int:
    return time.time_ns() // 1000


def timed(commit: Callable[[], object]) -> Times:
    """Seconds of each of a round's commits."""
    taken = []
    for _ in range(COMMITS):
        start = time.perf_counter()
        commit()
        taken.append(time.perf_counter() - start)
    return taken


def bare(database: sqlite3.Connection) -> Callable[[], object]:
    """An insert by itself, as durable as the journal's: same columns, same text, no chain and no head."""
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE entries (sequence INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, kind TEXT NOT NULL,"
        " client_order_id TEXT, payload TEXT NOT NULL, hash BLOB NOT NULL) STRICT"
    )
    row, insert = (
        ("INTENT", "order-1", encoded(INTENT), bytes(32)),
        "INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?)",
    )
    return lambda: database.execute(insert, (now_us(), *row))


def rounds(folder: Path) -> tuple[list[Times], list[Times]]:
    """Times of the journal's rounds and of the bare ones."""
    ours: list[Times] = []
    others: list[Times] = []
    plain = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
    with closing(plain), Journal.open(folder / "orders.sqlite3", now_us) as journal:
        insert = bare(plain)
        for _ in range(ROUNDS):
            ours.append(timed(lambda: journal.append("INTENT", "order-1", INTENT)))
            others.append(timed(insert))
    return ours, others


def rate(times: list[Times]) -> float:
    """Commits a second, of the median round."""
    return median(COMMITS / sum(taken) for taken in times)


def slow(times: list[Times]) -> float:
    """Milliseconds that one commit of a hundred exceeds, of the median round."""
    return median(quantiles(taken, n=100)[-1] for taken in times) * 1e3


def run() -> list[Result]:
    """Measure."""
    with TemporaryDirectory() as folder:
        ours, others = rounds(Path(folder))
    return [
        more("journal_commit", rate(ours), "commits/s", rate(others), goal=0.4),
        younger("journal_commit p99", slow(ours), slow(others), goal=0.4),
    ]
