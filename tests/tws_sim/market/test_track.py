"""The past of a price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tws_sim.market.track import SAMPLES_KEPT, Track, brownian, noise

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
