"""The figures of any spread: of one expiration by its payoff, of two by its value at the near one."""

from scanner_server.columns import Floats, Rows, compiled
from scanner_server.figures.cheap import payoff_figures
from scanner_server.figures.costly import expectation_figures, probability_figures
from scanner_server.figures.inputs import Inputs
from scanner_server.figures.payoff import MOST_BREAKEVENS
from scanner_server.figures.two_expirations import (
    MOST_CROSSINGS,
    two_expiration_expectations,
    two_expiration_probabilities,
    two_expiration_profits,
)

BREAKEVENS = max(MOST_BREAKEVENS, MOST_CROSSINGS)


@compiled
def has_two_expirations(inputs: Inputs, rows: Rows) -> bool:
    """Whether the legs expire at two dates; the share never does."""
    first, last = rows[0], rows[len(rows) - 1]
    return bool(inputs.legs[first].strike > 0 and inputs.expiry_of[first] != inputs.expiry_of[last])


@compiled
def fill_profit_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the figures from max_profit to before breakeven_distance, after `quote_figures`."""
    if has_two_expirations(inputs, rows):
        two_expiration_profits(inputs, rows, quantities, f)
    else:
        payoff_figures(inputs, rows, quantities, f)


@compiled
def fill_probability_figures(
    inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, found: Floats
) -> None:
    """Fill breakeven distance and probability, and the breakevens into `found` of `BREAKEVENS`."""
    if has_two_expirations(inputs, rows):
        two_expiration_probabilities(inputs, rows, quantities, f, found)
    else:
        probability_figures(inputs, rows, quantities, f, found)


@compiled
def fill_expectation_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the expected values, and what is made of them."""
    if has_two_expirations(inputs, rows):
        two_expiration_expectations(inputs, rows, quantities, f)
    else:
        expectation_figures(inputs, rows, quantities, f)
