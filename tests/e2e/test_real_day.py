"""A real option day through three processes: every figure that comes out is computed again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import independent
from tests.e2e.conftest import Mesh, mesh_up
from tests.scanner_server.reference.figures import figures, score
from tests.scanner_server.reference.payoff import breakevens

EXACT, CLOSE = 1e-9, 1e-6
GREEKS = ("delta", "gamma", "vega", "theta", "rho")
PRICES = {
    "net_mid",
    "net_natural",
    "fill_price",
    "fee",
    "max_profit",
    "max_loss",
    "breakevens",
    "max_profit_cash",
    "max_loss_cash",
    "width",
}


@pytest.fixture(scope="module")
def mesh(goog_day: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh_up(tmp_path_factory.mktemp("state"), *goog_day, "--lines", "3000") as running:
        yield running


@pytest.fixture(scope="module")
def verticals(mesh: Mesh) -> Any:
    days = ["--min-dte", "7", "--max-dte", "60", "--min-coverage", "0.9"]
    return mesh.json("scan", "GOOG", "--strategy", "vertical", *days, "--limit", "50")


@pytest.fixture(scope="module")
def condors(mesh: Mesh, verticals: Any) -> Any:
    days = ["--min-dte", "7", "--max-dte", "30", "--where", "width<=20"]
    return mesh.json("scan", "GOOG", "--strategy", "iron_condor", *days, "--limit", "20")


def assert_agrees(own: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name, value in own.items():
        tolerance = EXACT if name in PRICES else CLOSE
        assert theirs.get(name, 0) == pytest.approx(value, rel=tolerance, abs=tolerance), name


def assert_ranking_agrees(ranking: Any) -> None:
    for candidate in ranking["candidates"]:
        expiry = independent.expiry_of(ranking["surface"], candidate["expiration"])
        options = [independent.option_of(leg, expiry) for leg in candidate["legs"]]
        legs = [(leg["quantity"], option) for leg, option in zip(candidate["legs"], options, strict=True)]
        own = figures(legs, expiry)
        assert_agrees(own | {"breakevens": breakevens(legs, own["fill_price"])}, candidate)
        value, parts = score(own, legs, expiry)
        assert list(candidate["score_parts"].values()) == pytest.approx(parts, abs=CLOSE)
        assert candidate["score"] == pytest.approx(value, abs=CLOSE)
        for leg, option in zip(candidate["legs"], options, strict=True):
            greeks = dict(zip(GREEKS, expiry.greeks(option), strict=True))
            assert_agrees({"mid": option.mid, "implied_volatility": expiry.iv(option), **greeks}, leg)


def test_every_figure_of_the_verticals(verticals: Any) -> None:
    assert len(verticals["candidates"]) == 50
    assert verticals["basis"]["coverage"] >= 0.9
    assert_ranking_agrees(verticals)


def test_every_figure_of_the_iron_condors(condors: Any) -> None:
    assert len(condors["candidates"]) == 20
    assert_ranking_agrees(condors)


def test_the_ranking_is_in_order(verticals: Any) -> None:
    keys = [
        (-c["score"], c["max_loss"], [int(leg["con_id"]) for leg in c["legs"]])
        for c in verticals["candidates"]
    ]
    assert keys == sorted(keys)


def test_a_trader_would_take_them_seriously(verticals: Any) -> None:
    surface = verticals["surface"]
    for c in verticals["candidates"]:
        low, high = sorted(leg["strike"] for leg in c["legs"])
        assert c["max_profit"] + c["max_loss"] == pytest.approx(high - low)
        assert 0.8 * surface["spot"] < low < high < 1.2 * surface["spot"]
        assert 7 <= c["days_to_expiration"] <= 60
        assert 0 < c["probability_of_profit"] < 1
        assert c["quote_age"] <= 300
        assert abs(c["expected_value"]) < 0.25 * (high - low)
        for leg in c["legs"]:
            assert 0 <= leg["bid"] < leg["ask"]
            width = leg["ask"] - leg["bid"]
            assert width <= max(0.15 * leg["mid"], 0.15) + EXACT
            if c["fill_price"] < 0 and leg["quantity"] < 0:
                assert abs(leg["delta"]) <= 0.40


def test_it_says_what_it_stands_on(verticals: Any) -> None:
    basis = verticals["basis"]
    assert verticals["market_time"].startswith("2015-12-24T15:")
    assert basis["contracts_quoted"] <= basis["contracts_asked"] <= basis["contracts_known"]
    turned_away = sum(int(count) for count in basis["turned_away"].values())
    assert int(basis["candidates_formed"]) >= turned_away + len(verticals["candidates"])
    assert 0 <= basis["median_quote_age"] <= basis["oldest_quote_age"]
    dates = [each["expiration"] for each in verticals["surface"]["expirations"]]
    assert dates == sorted(dates)


def test_the_simulator_saw_a_polite_client(mesh: Mesh, verticals: Any) -> None:
    counters = mesh.counters()
    assert counters["errors"] == {}
    assert counters["max_messages_per_second"] <= 45


def test_one_trace_runs_from_a_quote_batch_to_the_client(mesh: Mesh, verticals: Any) -> None:
    mesh.watch("GOOG", "--min-dte", "7", "--max-dte", "30", until=lambda rankings: len(rankings) >= 20)
    drawn = mesh.run("trace")
    assert drawn.returncode == 0, drawn.stderr
    services = [name for name in ("ibkr_server", "scanner_server", "spreadmesh") if name in drawn.stdout]
    assert services == ["ibkr_server", "scanner_server", "spreadmesh"], drawn.stdout
    assert list(Path(mesh.addresses["trace_dir"]).glob("*.jsonl"))
