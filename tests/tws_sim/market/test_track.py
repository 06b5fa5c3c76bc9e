"""The past of a price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tws_sim.market.track import (
    SAMPLES_KEPT,
    RevertingTrack,
    Track,
    brownian,
    noise,
    realized_volatility,
)

START = 1_795_186_800.0
DAY = 86_400.0


def test_increments_are_normal_with_unit_variance_a_second() -> None:
    for step in (1.0, 60.0, DAY):
        walk = brownian(np.arange(4000) * step, seed=3)
        increments = np.diff(walk) / np.sqrt(step)
        assert walk[0] == 0
        assert increments.mean() == pytest.approx(0, abs=0.06)
        assert increments.std() == pytest.approx(1, rel=0.06)
        assert stats.kstest(increments, "norm").statistic < 0.04
        assert abs(np.corrcoef(increments[1:], increments[:-1])[0, 1]) < 0.06


@given(st.lists(st.floats(0, 3e8), min_size=1, max_size=20), st.integers(0, 2**64 - 1))
def test_an_instant_s_value_does_not_depend_on_what_else_is_asked_for(times: list[float], seed: int) -> None:
    together = brownian(np.array(times), seed)
    alone = [brownian(np.array([time]), seed)[0] for time in times]
    assert together.tolist() == alone


def test_the_past_meets_the_live_price_and_then_follows_what_was_recorded() -> None:
    track = Track(590.0, 0.16, 7, START)
    assert track.at(np.array([START])).tolist() == [590.0]
    assert track.at(np.array([START - 1e-3]))[0] == pytest.approx(590.0, rel=1e-5)
    track.record(START + 0.5, 591.0)  # less than a second later: not kept
    track.record(START + 1.0, 592.0)
    track.record(START + 5.0, 593.0)
    epochs = START + np.array([0.9, 1.0, 4.9, 5.0, 100.0])
    assert track.at(epochs).tolist() == [590.0, 592.0, 592.0, 593.0, 593.0]


def test_records_are_bounded() -> None:
    track = Track(1.0, 0.1, 7, START)
    for second in range(1, 3 * SAMPLES_KEPT):
        track.record(START + second, float(second))
    epochs = START + np.array([2.5 * SAMPLES_KEPT])
    assert track.at(epochs)[0] == 2.5 * SAMPLES_KEPT
    assert len(track._prices) <= 2 * SAMPLES_KEPT


def test_daily_volatility_is_the_one_asked_for() -> None:
    track = Track(100.0, 0.3, 11, START)
    closes = track.at(START - np.arange(3000) * DAY)
    assert np.diff(np.log(closes)).std() * np.sqrt(365) == pytest.approx(0.3, rel=0.06)


def test_noise_is_uniform_and_repeatable() -> None:
    values = noise(np.arange(20_000), 5)
    assert stats.kstest(values, "uniform").statistic < 0.02
    assert noise(np.arange(20_000), 5).tolist() == values.tolist()
    assert noise(np.arange(20_000), 6).tolist() != values.tolist()


def test_a_reverting_past_meets_the_live_value_and_stays_around_one_level() -> None:
    years = START - np.arange(10 * 365) * DAY
    logarithms = []
    for seed in range(40):
        past = RevertingTrack(0.16, 0.2, seed, START).at(years)
        assert past[0] == pytest.approx(0.16)
        logarithms.append(np.log(past) - np.log(past).mean())
    assert np.std(logarithms) == pytest.approx(0.2, rel=0.05)
    firsts, lasts = np.array(logarithms)[:, :365], np.array(logarithms)[:, -365:]
    assert firsts.std() == pytest.approx(lasts.std(), rel=0.1)  # it does not wander off with time
    assert np.abs(np.diff(logarithms)).max() < 0.2


@given(st.floats(0.05, 1.5), st.integers(0, 100))
def test_realized_volatility_is_the_deviation_of_thirty_daily_returns(volatility: float, seed: int) -> None:
    track = Track(590.0, volatility, seed, START)
    noon = START // DAY * DAY + DAY / 2
    (found,) = realized_volatility(track.at, np.array([noon]))
    returns = np.diff(np.log(track.at(START // DAY * DAY - np.arange(31) * DAY)))
    assert found == pytest.approx(np.sqrt(365 * np.mean(returns**2)))
    assert 0.5 * volatility < found < 1.7 * volatility


def test_realized_volatility_needs_thirty_days_of_prices() -> None:
    epochs = START - np.array([29, 31]) * DAY

    def path(asked: np.ndarray) -> np.ndarray:
        return np.where(asked >= START - 60 * DAY, np.exp(asked / DAY % 2), np.nan)

    assert np.isnan(realized_volatility(path, epochs)).tolist() == [False, True]
