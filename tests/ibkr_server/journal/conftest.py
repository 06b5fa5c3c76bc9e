from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from ibkr_server.journal.journal import Journal

NOON_US = 1_450_976_400_000_000


@pytest.fixture
def clock() -> Callable[[], int]:
    """A clock that moves by a second each time it's looked at."""
    return count(NOON_US, 1_000_000).__next__


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.sqlite3"


@pytest.fixture
def journal(path: Path, clock: Callable[[], int]) -> Iterator[Journal]:
    with Journal.open(path, clock) as opened:
        yield opened
