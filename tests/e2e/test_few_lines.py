"""Many more contracts than market data lines: polite to the gateway, honest about ages, better with time."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Mesh, mesh_up

LINES = 100


@pytest.fixture(scope="module")
def mesh(goog_day: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh_up(tmp_path_factory.mktemp("state"), *goog_day, "--lines", str(LINES)) as running:
        yield running


def test_rankings_grow_without_an_error_101(mesh: Mesh) -> None:
    days = ["--min-dte", "7", "--max-dte", "60"]
    watching = mesh.run(
        "scan", "GOOG", "--strategy", "vertical", *days, "--watch", "--json", "--timeout", "25"
    )
    bases = [json.loads(line)["basis"] for line in watching.stdout.splitlines()]
    coverage = [basis["coverage"] for basis in bases]
    quoted = [basis["contracts_quoted"] for basis in bases]
    assert coverage == sorted(coverage)
    assert quoted[-1] > 1.5 * LINES
    assert all(
        0 <= basis["median_quote_age"] <= basis["oldest_quote_age"]
        for basis in bases
        if basis["contracts_quoted"]
    )
    assert bases[-1]["oldest_quote_age"] > 0
    assert int(bases[-1]["candidates_formed"]) > int(bases[len(bases) // 4]["candidates_formed"])

    counters = mesh.counters()
    assert "101" not in counters["errors"]
    assert counters["max_lines_in_use"] == LINES
    assert counters["max_messages_per_second"] <= 45
