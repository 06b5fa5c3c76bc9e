"""Many more contracts than market data lines: polite to the gateway, honest about ages, better with time."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Mesh, mesh_up

LINES = 100


@pytest.fixture(scope="module")
def mesh(goog_day: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh_up(tmp_path_factory.mktemp("state"), *goog_day, "--lines", str(LINES)) as running:
        yield running


def test_rankings_grow_without_an_error_101(mesh: Mesh) -> None:
    days = ["--min-dte", "7", "--max-dte", "60"]
    rankings = mesh.watch("GOOG", "--strategy", "vertical", *days, until=covers_more_than(1.5 * LINES))
    bases = [ranking["basis"] for ranking in rankings]
    coverage = [basis["coverage"] for basis in bases]
    assert coverage == sorted(coverage)
    for basis in bases:
        if basis["contracts_quoted"]:
            assert 0 <= basis["median_quote_age"] <= basis["oldest_quote_age"]
    formed = [int(basis["candidates_formed"]) for basis in bases]
    assert formed[-1] > formed[len(formed) // 3]

    counters = mesh.counters()
    assert "101" not in counters["errors"]
    assert counters["max_lines_in_use"] == LINES
    assert counters["max_messages_per_second"] <= 45


def covers_more_than(contracts: float) -> Callable[[list[Any]], bool]:
    """More contracts have been quoted than there are lines: some have taken turns."""
    return lambda rankings: rankings[-1]["basis"]["contracts_quoted"] > contracts
