import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.risk.limits import NAMES, UNITS, Limits, parse_limits
from ibkr_server.risk.settings import RiskSettings
from mesh.settings import SettingsError
from tests.ibkr_server.risk.contracts import D

TEXT = (
    "*: max_quantity=12, max_loss=4000; account DU1: max_loss=9000; "
    "client al-ice: max_loss=8000.50,live_orders=2"
)


def test_the_defaults_are_those_of_the_documentation() -> None:
    limits = parse_limits("").of(account="DU1", client="alice")
    assert limits == Limits()
    assert (limits.max_quantity, limits.max_loss, limits.quote_age) == (10, 5000, 3)
    assert (limits.collar_percent, limits.collar_ticks) == (10, 3)
    assert (limits.orders_per_10s, limits.live_orders, limits.duplicate_seconds) == (5, 15, 2)
    assert not limits.daily_loss.is_finite()


def test_what_is_said_of_everybody_replaces_the_default() -> None:
    limits = parse_limits(TEXT).of(account="DU2", client="bob")
    assert (limits.max_quantity, limits.max_loss, limits.live_orders) == (12, 4000, 15)


def test_an_entry_of_its_own_holds_instead_even_where_it_allows_more() -> None:
    assert parse_limits(TEXT).of(account="DU1", client="bob").max_loss == 9000
    assert parse_limits(TEXT).of(account="DU2", client="al-ice").max_loss == D("8000.50")


def test_of_account_and_client_the_stricter_one_holds() -> None:
    limits = parse_limits(TEXT).of(account="DU1", client="al-ice")
    assert (limits.max_loss, limits.live_orders, limits.max_quantity) == (D("8000.50"), 2, 12)


def test_of_two_times_for_duplicates_the_longer_one_is_stricter() -> None:
    table = parse_limits("account A: duplicate_seconds=1; client c: duplicate_seconds=5")
    assert table.of(account="A", client="c").duplicate_seconds == 5


@given(
    st.sampled_from([n for n in NAMES if n != "duplicate_seconds"]), st.integers(0, 60), st.integers(0, 60)
)
def test_every_other_limit_takes_the_lower_one(name: str, one: int, two: int) -> None:
    limits = parse_limits(f"account A: {name}={one}; client c: {name}={two}").of(account="A", client="c")
    assert getattr(limits, name) == min(one, two)


def test_a_loss_may_be_unlimited() -> None:
    limits = parse_limits("*: max_loss=unlimited, daily_loss=500").of()
    assert not limits.max_loss.is_finite()
    assert limits.daily_loss == 500


def test_every_limit_has_a_unit() -> None:
    assert set(UNITS) == set(NAMES)


BAD = {
    "max_loss=5": "must begin with",
    "DU1: max_loss=5": "must begin with",
    "account: max_loss=5": "must begin with",
    "account A B: max_loss=5": "must begin with",
    "*: max_los=5": "is not NAME=VALUE",
    "*:": "is not NAME=VALUE",
    "*: max_loss": "is not NAME=VALUE",
    "*: max_loss=5,": "is not NAME=VALUE",
    "*: max_loss=-5": "zero or positive",
    "*: max_loss=1e9": "zero or positive",
    "*: max_loss=nan": "zero or positive",
    "*: max_loss=Infinity": "zero or positive",
    "*: max_quantity=unlimited": "zero or positive",
    "*: max_quantity=1.5": "whole number",
    "*: orders_per_10s=1001": "at most 1000",
    "*: duplicate_seconds=61": "at most 60",
    "*: max_loss=5, max_loss=6": "max_loss is given twice",
    "*: max_loss=5; *: max_quantity=6": "* is given twice",
    "client a: max_loss=5; client a: max_quantity=6": "client a is given twice",
}


@pytest.mark.parametrize("text", BAD)
def test_what_can_not_be_read_ends_the_start(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISK_LIMITS", text)
    with pytest.raises(SettingsError) as caught:
        RiskSettings.load()
    (line,) = caught.value.lines
    assert line.startswith("RISK_LIMITS: ")
    assert BAD[text] in line


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISK_LIMITS", TEXT)
    monkeypatch.setenv("ALLOW_MARKET_ORDERS", "true")
    settings = RiskSettings.load()
    assert settings.risk_limits.of(client="al-ice").live_orders == 2
    assert settings.allow_market_orders
    assert settings.require_preview
