"""Many synthetic underlyings by one word."""

from datetime import timedelta

import pytest

from tests.tws_sim.wire_client import START
from tws_sim.clock import VirtualClock
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.market.synthetic.universe import Crowd, profile


@pytest.fixture(scope="module")
def market() -> SyntheticMarket:
    return SyntheticMarket(["SPY"], 1, VirtualClock(), START, crowd=Crowd(3, 2000))


@pytest.mark.parametrize("symbol", ["U001", "U002", "U003"])
def test_each_has_its_options_around_its_spot(market: SyntheticMarket, symbol: str) -> None:
    chain, spot = market.listing.chains[symbol], profile(symbol).spot
    assert len(chain) == 2000
    assert len({item.con_id for item in chain}) == 2000
    strikes = sorted({item.strike for item in chain})
    assert 0.7 * spot < strikes[0] < 0.75 * spot
    assert 1.25 * spot < strikes[-1] < 1.3 * spot
    days = {item.expiration for item in chain}
    assert len(days) == 8
    assert max(days) - min(days) <= timedelta(days=56)


def test_the_other_underlyings_are_what_they_were(market: SyntheticMarket) -> None:
    alone = SyntheticMarket(["SPY"], 1, VirtualClock(), START)
    assert market.listing.chains["SPY"] == alone.listing.chains["SPY"]
    assert set(market.listing.shares) == {"SPY", "U001", "U002", "U003"}


def test_everything_is_quoted(market: SyntheticMarket) -> None:
    rows = [market.listing.rows[item.con_id] for item in market.listing.chains["U002"]]
    assert all(quote.ask for quote in market.quotes(rows))
