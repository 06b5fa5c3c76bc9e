"""No static arbitrage across the synthetic market's bids and asks, at random instants."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tws_sim.wire_client import START
from tws_sim.clock import VirtualClock
from tws_sim.market.instrument import Option
from tws_sim.market.synthetic.book import RATE
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.market.synthetic.process import Process, Profile
from tws_sim.market.synthetic.ssvi import Surface
from tws_sim.market.synthetic.universe import profile

Side = np.ndarray
YEAR_SECONDS = 365 * 86400
ROUNDING = 1e-9


class Slice:
    """Bids and asks of one expiration by strike; a missing bid is 0."""

    def __init__(self, market: SyntheticMarket, symbol: str, options: list[Option]) -> None:
        self.years = (
            market.calendar.close(options[0].last_trade) - market.clock.now()
        ).total_seconds() / YEAR_SECONDS
        self.strikes = np.array(sorted({item.strike for item in options}))
        self.growth = np.exp(profile(symbol).dividend_yield * self.years)
        self.forward_growth = np.exp((RATE - profile(symbol).dividend_yield) * self.years)
        self.discount = np.exp(-RATE * self.years)
        self.bid, self.ask = {}, {}
        for right in ("C", "P"):
            chosen = sorted((item for item in options if item.right == right), key=lambda item: item.strike)
            quotes = market.quotes([market.listing.rows[item.con_id] for item in chosen])
            self.bid[right] = np.array([quote.bid or 0.0 for quote in quotes])
            self.ask[right] = np.array([quote.ask for quote in quotes])
            assert all(quote.model and (quote.bid or 0) <= quote.model.price + ROUNDING for quote in quotes)
            assert all(
                quote.model and quote.ask and quote.model.price <= quote.ask + ROUNDING for quote in quotes
            )


def check_slice(one: Slice, spot: tuple[float, float]) -> None:
    width = np.diff(one.strikes)
    for right, sign in (("C", 1), ("P", -1)):
        bid, ask = one.bid[right], one.ask[right]
        assert (bid < ask).all()
        near, far = (slice(None, -1), slice(1, None)) if sign > 0 else (slice(1, None), slice(None, -1))
        assert (ask[near] - bid[far] >= -ROUNDING).all(), "a vertical for less than nothing"
        assert (bid[near] - ask[far] <= width * one.discount + ROUNDING).all(), "a vertical above its width"
        left, right_width = width[:-1], width[1:]
        butterfly = ask[:-2] / left + ask[2:] / right_width - bid[1:-1] * (1 / left + 1 / right_width)
        assert (butterfly >= -ROUNDING).all(), "a butterfly for less than nothing"
    carried = np.array(spot) / one.growth
    assert (one.ask["C"] - one.bid["P"] >= carried[0] - one.strikes * one.discount - ROUNDING).all(), "parity"
    assert (one.bid["C"] - one.ask["P"] <= carried[1] - one.strikes * one.discount + ROUNDING).all(), "parity"


def check_calendar(near: Slice, far: Slice) -> None:
    """An option of the same moneyness is worth more, in shares of the underlying, the longer it lasts."""
    same = near.strikes * far.forward_growth / near.forward_growth
    below = np.searchsorted(far.strikes, same, side="right") - 1
    above = np.searchsorted(far.strikes, same, side="left")
    calls, puts = below >= 0, above < far.strikes.size
    dearer = far.growth * far.ask["C"][below[calls]] - near.growth * near.bid["C"][calls]
    assert (dearer >= -ROUNDING).all(), "a call calendar for less than nothing"
    dearer = far.growth * far.ask["P"][above[puts]] - near.growth * near.bid["P"][puts]
    assert (dearer >= -ROUNDING).all(), "a put calendar for less than nothing"


def check(market: SyntheticMarket, symbol: str) -> None:
    chain = market.listing.chains[symbol]
    days = sorted({item.last_trade for item in chain})
    (share,) = market.quotes([market.listing.rows[market.listing.shares[symbol].con_id]])
    assert share.bid is not None
    assert share.ask is not None
    slices = [Slice(market, symbol, [item for item in chain if item.last_trade == day]) for day in days]
    for one in slices:
        check_slice(one, (share.bid, share.ask))
    for near, far in pairwise(slices):
        check_calendar(near, far)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**31),
    st.sampled_from(["SPY", "TSLA", "AAPL", "XYZ"]),
    st.integers(0, 5 * 3600),
    st.sampled_from([1.0, 500.0]),
)
def test_at_a_random_instant(seed: int, symbol: str, seconds: int, liveliness: float) -> None:
    clock = VirtualClock()
    opened = START + timedelta(seconds=seconds)
    market = SyntheticMarket([symbol], seed, clock, opened, liveliness=liveliness)
    for _ in range(3):
        clock.advance(17.3)
        market.advance([])
        check(market, symbol)


def test_the_checks_see_an_arbitrage(monkeypatch: pytest.MonkeyPatch) -> None:
    market = SyntheticMarket(["SPY"], 1, VirtualClock(), START)
    check(market, "SPY")
    original = Surface.volatility

    def bumped(self: Surface, moneyness: np.ndarray, years: np.ndarray) -> np.ndarray:
        return original(self, moneyness, years) * np.where(np.abs(moneyness) < 0.004, 1.2, 1.0)

    monkeypatch.setattr(Surface, "volatility", bumped)
    with pytest.raises(AssertionError, match=r"butterfly|vertical|calendar"):
        check(market, "SPY")


@given(st.integers(0, 2**31), st.floats(-0.95, 0.95), st.floats(0.2, 3.0), st.integers(1, 400))
@settings(max_examples=30, deadline=None)
def test_the_process_stays_inside_the_conditions_of_the_surface(
    seed: int, rho: float, eta: float, steps: int
) -> None:
    process = Process(Profile(100.0, 0.3, rho=rho, eta=eta), seed, liveliness=1e4)
    process.advance(steps)
    surface = process.surface()  # raises where the conditions are broken
    assert surface.eta * (1 + abs(surface.rho)) <= 2
    assert process.spot > 0


def test_a_surface_with_arbitrage_is_refused() -> None:
    with pytest.raises(ValueError, match="arbitrage"):
        Surface(0.04, 0.04, 3.0, -0.9, 1.2)
    with pytest.raises(ValueError, match="no surface"):
        Surface(0.04, 0.04, 3.0, -1.0, 0.5)
