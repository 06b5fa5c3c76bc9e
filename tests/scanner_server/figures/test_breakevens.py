"""Where a payoff meets its price exactly, rounding must not decide whether there is a profit."""

import math

import numpy as np
import pytest
from scipy.stats import lognorm

from scanner_server.figures.expectation import blank_forecast, expected_gain, fill_forecast
from scanner_server.figures.inputs import EXPIRY, Inputs, Terms
from scanner_server.figures.payoff import MOST_BREAKEVENS, breakevens
from scanner_server.legs.legs import LEG
from scanner_server.surface.smile import Smile

ROUNDING = 4e-16
LEGS = ((737.5, -1, 1), (742.5, -1, -1), (765.0, 1, -1), (767.5, 1, 1))  # strike, sign, quantity


def condor() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    legs = np.full(len(LEGS) + 1, np.nan, LEG)
    legs["strike"][:-1], legs["sign"][:-1] = [k for k, _, _ in LEGS], [sign for _, sign, _ in LEGS]
    return legs, np.arange(4, dtype=np.int32), np.array([q for _, _, q in LEGS], np.float64)


@pytest.mark.parametrize("rounding", [-8 * ROUNDING, -ROUNDING, 0.0, ROUNDING, 8 * ROUNDING])
def test_a_credit_of_a_wing_exactly_earns_nothing_beyond_that_wing(rounding: float) -> None:
    legs, rows, quantities = condor()
    found = np.full(MOST_BREAKEVENS, np.nan)
    count, starts_inside = breakevens(legs, rows, quantities, -2.5 + rounding, found)
    assert not starts_inside
    assert found[:count].tolist() == pytest.approx([740.0, 767.5], abs=1e-12)


@pytest.mark.parametrize("rounding", [-8 * ROUNDING, 0.0, 8 * ROUNDING])
def test_nor_does_it_count_as_a_chance_to_gain(rounding: float) -> None:
    legs, rows, quantities = condor()
    expiries = np.zeros(1, EXPIRY)
    expiries["forward"], expiries["forecast"] = 750.0, 0.05
    expiry_of, forecast = np.zeros(len(legs), np.int32), blank_forecast(4)
    fill_forecast(forecast, legs, rows, expiry_of, expiries)
    smile = Smile(np.empty(0), np.empty(0), np.empty((0, 4)))
    terms = Terms(0.0, 750.0, 100.0, 0.0, 0.0, math.nan, math.nan)
    inputs = Inputs(legs, forecast, expiries, expiry_of, smile, terms)
    _, probability = expected_gain(inputs, rows, quantities, -2.5 + rounding, expiries[0])
    below = lognorm(0.05, scale=750 * math.exp(-(0.05**2) / 2)).cdf
    assert probability == pytest.approx(below(767.5) - below(740), abs=1e-12)
