"""The figures that need logarithms and normal tails: breakevens, probability and expected values."""

import math

from scanner_server.columns import Floats, Rows, compiled
from scanner_server.figures.cheap import FEE, FILL_PRICE, MAX_LOSS, MAX_PROFIT, ratio
from scanner_server.figures.expectation import expected_gain
from scanner_server.figures.inputs import Inputs, near_expiry
from scanner_server.figures.payoff import breakevens
from scanner_server.figures.probability import profit_region
from scanner_server.figures.table import FIGURE_INDEX

BREAKEVEN_DISTANCE = FIGURE_INDEX["breakeven_distance"]
PROBABILITY_OF_PROFIT = FIGURE_INDEX["probability_of_profit"]
EXPECTED_VALUE = FIGURE_INDEX["expected_value"]
EXPECTED_GAIN = FIGURE_INDEX["expected_gain"]
EXPECTED_LOSS = FIGURE_INDEX["expected_loss"]
AVERAGE_GAIN = FIGURE_INDEX["average_gain"]
MARGIN_EFFICIENCY = FIGURE_INDEX["margin_efficiency"]
KELLY_FRACTION = FIGURE_INDEX["kelly_fraction"]
EXPECTED_VALUE_CASH = FIGURE_INDEX["expected_value_cash"]


@compiled
def probability_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, found: Floats) -> None:
    """Fill breakeven distance and probability after `payoff_figures`, and the breakevens into `found`."""
    expiry = near_expiry(inputs, rows)
    count, starts_inside = breakevens(inputs.legs, rows, quantities, f[FILL_PRICE], found)
    region = profit_region(found[:count], starts_inside, expiry, inputs.smile)
    f[PROBABILITY_OF_PROFIT], f[BREAKEVEN_DISTANCE] = region


@compiled
def expectation_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the expected values, and what is made of them, after `payoff_figures`."""
    expiry = near_expiry(inputs, rows)
    cost = expiry.growth * f[FILL_PRICE]
    expected = -cost
    for k in range(len(rows)):
        is_share = inputs.legs[rows[k]].strike == 0
        expected += quantities[k] * (expiry.forward if is_share else inputs.forecast[rows[k]].value)
    gain, probability = expected_gain(inputs, rows, quantities, cost, expiry)
    fill_expectations(expected, gain, probability, inputs.terms.multiplier, f)


@compiled
def fill_expectations(expected: float, gain: float, probability: float, multiplier: float, f: Floats) -> None:
    """Fill what follows from E[profit], E[profit; profit > 0] and P(profit > 0) under the forecast."""
    if math.isnan(expected):
        gain = probability = math.nan  # no gain at any price is 0 even without a forecast
    f[EXPECTED_VALUE] = expected
    f[EXPECTED_GAIN] = gain
    f[EXPECTED_LOSS] = max(gain - expected, 0.0)
    f[AVERAGE_GAIN] = ratio(gain, probability)
    f[MARGIN_EFFICIENCY] = ratio(expected, f[MAX_LOSS])
    kelly = ratio(expected, f[MAX_PROFIT])
    f[KELLY_FRACTION] = min(max(kelly, 0.0), 1.0) if not math.isnan(kelly) else math.nan
    f[EXPECTED_VALUE_CASH] = expected * multiplier - f[FEE]
