"""The figures that need no transcendental function: prices and Greeks, and the extremes of the payoff."""

import math

from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.figures.inputs import Inputs, Terms, near_expiry
from scanner_server.figures.payoff import extremes
from scanner_server.figures.table import FIGURE_INDEX

NET_MID = FIGURE_INDEX["net_mid"]
NET_NATURAL = FIGURE_INDEX["net_natural"]
FILL_PRICE = FIGURE_INDEX["fill_price"]
FEE = FIGURE_INDEX["fee"]
DAYS_TO_EXPIRATION = FIGURE_INDEX["days_to_expiration"]
EXPECTED_MOVE = FIGURE_INDEX["expected_move"]
WIDTH = FIGURE_INDEX["width"]
WIDTH_IN_STRIKES = FIGURE_INDEX["width_in_strikes"]
WIDTH_TO_EXPECTED_MOVE = FIGURE_INDEX["width_to_expected_move"]
QUOTE_AGE = FIGURE_INDEX["quote_age"]
LIQUIDITY = FIGURE_INDEX["liquidity"]
UNDEFINED_RISK = FIGURE_INDEX["undefined_risk"]
NAKED = FIGURE_INDEX["naked"]
MAX_PROFIT = FIGURE_INDEX["max_profit"]
MAX_LOSS = FIGURE_INDEX["max_loss"]
RETURN_ON_RISK = FIGURE_INDEX["return_on_risk"]
ANNUALIZED_RETURN_ON_RISK = FIGURE_INDEX["annualized_return_on_risk"]
MAX_PROFIT_CASH = FIGURE_INDEX["max_profit_cash"]
MAX_LOSS_CASH = FIGURE_INDEX["max_loss_cash"]
RETURN_ON_RISK_AFTER_COMMISSION = FIGURE_INDEX["return_on_risk_after_commission"]
DELTA = FIGURE_INDEX["delta"]
GAMMA = FIGURE_INDEX["gamma"]
VEGA = FIGURE_INDEX["vega"]
THETA = FIGURE_INDEX["theta"]
RHO = FIGURE_INDEX["rho"]
THETA_VEGA_RATIO = FIGURE_INDEX["theta_vega_ratio"]
SOLD_IMPLIED_VOLATILITY = FIGURE_INDEX["sold_implied_volatility"]
BOUGHT_IMPLIED_VOLATILITY = FIGURE_INDEX["bought_implied_volatility"]
IV_RANK = FIGURE_INDEX["iv_rank"]
IV_PERCENTILE = FIGURE_INDEX["iv_percentile"]


@compiled
def ratio(numerator: float, denominator: float) -> float:
    """A ratio of figures: 0 over an infinite denominator; NaN with both infinite or over zero."""
    if denominator == 0 or (math.isinf(numerator) and math.isinf(denominator)):
        return math.nan
    return numerator / denominator


@compiled
def quote_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the figures before max_profit into f of shape (figures,).

    Args:
        inputs: the market and the terms.
        rows: legs, the share first, then by expiration and strike; shape (k,).
        quantities: contracts per leg, negative = sold, the share by the hundred; shape (k,).
        f: the figures, in the order of `FIGURES`.
    """
    expiry, terms = near_expiry(inputs, rows), inputs.terms
    _prices(inputs.legs, rows, quantities, terms, f)
    f[DAYS_TO_EXPIRATION] = expiry.calendar_days
    f[EXPECTED_MOVE] = terms.spot * expiry.deviation
    _widths(inputs, rows, f)
    _quality(inputs.legs, rows, quantities, terms.market_time, f)
    _greeks(inputs.legs, rows, quantities, f)
    _volatilities(inputs.legs, rows, quantities, f)
    f[IV_RANK] = terms.iv_rank
    f[IV_PERCENTILE] = terms.iv_percentile


@compiled
def payoff_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the figures from max_profit to before breakeven_distance, after `quote_figures`."""
    lowest, highest = extremes(inputs.legs, rows, quantities)
    fill_profits(highest - f[FILL_PRICE], f[FILL_PRICE] - lowest, inputs, rows, f)


@compiled
def _prices(legs: Records, rows: Rows, quantities: Floats, terms: Terms, f: Floats) -> None:
    mid = natural = contracts = 0.0
    for k in range(len(rows)):
        leg = legs[rows[k]]
        q = quantities[k]
        mid += q * leg.mid
        natural += q * (leg.ask if q > 0 else leg.bid)
        contracts += abs(q) if leg.strike > 0 else 0.0
    f[NET_MID] = mid
    f[NET_NATURAL] = natural
    f[FILL_PRICE] = mid + terms.slippage * (natural - mid)
    f[FEE] = terms.commission * contracts


@compiled
def _widths(inputs: Inputs, rows: Rows, f: Floats) -> None:
    """Rows of one right and expiration are consecutive by strike: their distance counts listed strikes."""
    legs, width, strikes = inputs.legs, 0.0, 0.0
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            low, high = legs[rows[i]], legs[rows[j]]
            if low.sign == high.sign and low.strike > 0:
                width = max(width, abs(high.strike - low.strike))
                strikes = max(strikes, float(rows[j] - rows[i]))
    f[WIDTH] = width
    one = inputs.expiry_of[rows[0]] == inputs.expiry_of[rows[len(rows) - 1]] or legs[rows[0]].strike == 0
    f[WIDTH_IN_STRIKES] = strikes if one else math.nan
    f[WIDTH_TO_EXPECTED_MOVE] = ratio(width, f[EXPECTED_MOVE])


@compiled
def _quality(legs: Records, rows: Rows, quantities: Floats, market_time: float, f: Floats) -> None:
    oldest, liquidity, puts, calls = math.inf, 1.0, 0.0, 0.0
    for k in range(len(rows)):
        leg = legs[rows[k]]
        if not math.isnan(oldest) and not leg.quote_time >= oldest:  # an unknown time is the oldest
            oldest = leg.quote_time
        liquidity = min(liquidity, leg.liquidity)
        if leg.sign < 0:
            puts += quantities[k]
        else:
            calls += quantities[k]
    f[QUOTE_AGE] = max(market_time - oldest, 0.0) if not math.isnan(oldest) else math.nan
    f[LIQUIDITY] = liquidity
    f[UNDEFINED_RISK] = 1.0 if calls < 0 else 0.0
    f[NAKED] = 1.0 if puts < 0 else 0.0


@compiled
def fill_profits(profit: float, loss: float, inputs: Inputs, rows: Rows, f: Floats) -> None:
    """Fill what follows from the largest profit and the largest loss, USD per share."""
    multiplier = inputs.terms.multiplier
    f[MAX_PROFIT] = profit
    f[MAX_LOSS] = loss
    f[RETURN_ON_RISK] = ratio(profit, loss)
    f[ANNUALIZED_RETURN_ON_RISK] = f[RETURN_ON_RISK] * 365 / near_expiry(inputs, rows).days
    f[MAX_PROFIT_CASH] = profit * multiplier - f[FEE]
    f[MAX_LOSS_CASH] = loss * multiplier + f[FEE]
    f[RETURN_ON_RISK_AFTER_COMMISSION] = ratio(f[MAX_PROFIT_CASH], f[MAX_LOSS_CASH])


@compiled
def _greeks(legs: Records, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Sums over the legs; a leg's NaN makes the spread's NaN."""
    delta = gamma = vega = theta = rho = 0.0
    for k in range(len(rows)):
        leg = legs[rows[k]]
        q = quantities[k]
        delta += q * leg.delta
        gamma += q * leg.gamma
        vega += q * leg.vega
        theta += q * leg.theta
        rho += q * leg.rho
    f[DELTA] = delta
    f[GAMMA] = gamma
    f[VEGA] = vega
    f[THETA] = theta
    f[RHO] = rho
    f[THETA_VEGA_RATIO] = ratio(theta, vega)


@compiled
def _volatilities(legs: Records, rows: Rows, quantities: Floats, f: Floats) -> None:
    sold = sold_iv = bought = bought_iv = 0.0
    for k in range(len(rows)):
        q, leg = quantities[k], legs[rows[k]]
        if leg.strike == 0:
            continue
        if q < 0:
            sold -= q
            sold_iv -= q * leg.iv
        else:
            bought += q
            bought_iv += q * leg.iv
    f[SOLD_IMPLIED_VOLATILITY] = ratio(sold_iv, sold)
    f[BOUGHT_IMPLIED_VOLATILITY] = ratio(bought_iv, bought)
