"""A spread's figures from libraries: OptionLab for whole strategies, QuantLib for prices and volatilities."""

import math

import numpy as np
import QuantLib
from optionlab import Inputs, run_strategy

from tests.scanner_server.reference import two_expirations
from tests.scanner_server.reference.expiry import Expiry, Option

Legs = list[tuple[int, Option]]  # quantities, of the share by the hundred, and contracts

# OptionLab calls one cent a profit: of so many spreads it is nothing.
SPREADS = 1_000_000
STEP = 0.5
SLIPPAGE = 0.25
GREEKS = ("delta", "gamma", "vega", "theta", "rho")


def computed(legs: Legs, expiries: list[Expiry]) -> tuple[dict[str, float], list[float]]:
    """Figures and breakevens; `expiries` are those of the legs, near first: one or two."""
    fill = sum(q * leg_fill(q, option) for q, option in legs)
    if len(expiries) == 1:
        found, edges = at_expiration(legs, expiries[0], fill)
    else:
        near, far = expiries
        found, edges = two_expirations.two_expiration_figures(legs, near, far, fill, fee=0.0)
    return found | {"fill_price": fill} | sensitivities(legs, expiries), edges


def leg_fill(quantity: int, option: Option) -> float:
    natural = option.ask if quantity > 0 else option.bid
    return option.mid + SLIPPAGE * (natural - option.mid)


def at_expiration(legs: Legs, expiry: Expiry, fill: float) -> tuple[dict[str, float], list[float]]:
    """The figures of one expiration, by OptionLab; the probability on the smile, by `above`."""
    payoff = run_strategy(inputs(legs, expiry, 1.0, ["pop"]))
    profit = np.array(payoff.data.strategy_profit) / SPREADS
    rises = profit[-1] - profit[-2]
    inside = [bounded(ends, legs) for ends in payoff.profit_ranges]
    f = {
        "max_profit": math.inf if rises > 1e-9 else profit.max(),
        "max_loss": math.inf if rises < -1e-9 else -profit.min(),
        "probability_of_profit": sum(
            max(0.0, above(expiry, low) - above(expiry, high)) for low, high in inside
        ),
    }
    mean = run_strategy(inputs(legs, expiry, expiry.growth, ["pop", "expectation"]))
    chance = mean.probability_of_profit
    f["expected_gain"] = mean.expected_profit_if_profitable * chance / SPREADS
    f["expected_loss"] = -mean.expected_loss_if_unprofitable * (1 - chance) / SPREADS
    f["expected_value"] = f["expected_gain"] - f["expected_loss"]
    f["average_gain"] = mean.expected_profit_if_profitable / SPREADS if chance > 0 else math.nan
    edges = [edge for ends in inside for edge in ends if 0 < edge < math.inf]
    return f, edges


def bounded(ends: tuple[float, float], legs: Legs) -> tuple[float, float]:
    """Ends of a range of profit; rounding gives flat tails a slope, and an end beyond all strikes: none."""
    far = 100 * max(option.strike for _, option in legs)
    low, high = (end if end < far else math.inf for end in ends)
    return low, high


def inputs(legs: Legs, expiry: Expiry, growth: float, calculations: list[str]) -> Inputs:
    """A year without interest, at the deviation and the forward of the expiration: the same law."""
    return Inputs(
        stock_price=expiry.forward,
        volatility=expiry.deviation,
        interest_rate=0.0,
        days_to_target_date=365,
        discard_nonbusiness_days=False,
        min_stock=0.0,
        max_stock=2 * max(option.strike for _, option in legs),
        price_step=STEP,
        strategy=[strategy_leg(q, option, growth) for q, option in legs],
        calculations=calculations,
    )


def strategy_leg(quantity: int, option: Option, growth: float) -> dict[str, object]:
    leg = {"n": abs(quantity) * SPREADS, "action": "buy" if quantity > 0 else "sell"}
    price = growth * leg_fill(quantity, option)
    if option.strike == 0:
        return leg | {"type": "stock", "prev_pos": price}
    return leg | {"type": "call" if option.call else "put", "strike": option.strike, "premium": price}


def above(expiry: Expiry, share: float) -> float:
    """P(S_T > share): the falling of a call's price with its strike, differentiated by differences.

    The smile is the straight line through its value at the strike with its slope over one deviation.
    """
    if share <= 0 or share == math.inf:
        return float(share <= 0)
    x, h = math.log(share / expiry.forward), expiry.deviation / 2
    slope = (expiry.smile(x + h) - expiry.smile(x - h)) / (2 * h)

    def call(strike: float) -> float:
        iv = expiry.smile(x) + slope * math.log(strike / share)
        return QuantLib.blackFormula(
            QuantLib.Option.Call, strike, expiry.forward, iv * math.sqrt(expiry.years)
        )

    step = 0.02 * share * expiry.deviation
    near, wide = call(share - step) - call(share + step), call(share - 2 * step) - call(share + 2 * step)
    return min(max((8 * near - wide) / (12 * step), 0.0), 1.0)


def sensitivities(legs: Legs, expiries: list[Expiry]) -> dict[str, float]:
    """Greeks and implied volatilities by QuantLib, each leg on its own expiration."""
    of = {expiry.options[0].expires_at: expiry for expiry in expiries}
    options = [(q, option, of[option.expires_at]) for q, option in legs if option.strike > 0]
    shares = sum(q for q, option in legs if option.strike == 0)
    total = np.array([shares, 0.0, 0.0, 0.0, 0.0])
    for q, option, expiry in options:
        total = total + q * expiry.greeks(option)
    f = dict(zip(GREEKS, total.tolist(), strict=True))
    for name, sign in (("sold", -1), ("bought", 1)):
        side = [(abs(q), implied(option, expiry)) for q, option, expiry in options if q * sign > 0]
        weight = sum(q for q, _ in side)
        f[f"{name}_implied_volatility"] = sum(q * iv for q, iv in side) / weight if side else math.nan
    return f


def implied(option: Option, expiry: Expiry) -> float:
    """Implied volatility, from the price of the option out of the money by parity; NaN where it has none."""
    is_call = option.strike > expiry.forward
    price = option.mid * expiry.growth + (expiry.forward - option.strike) * (is_call - option.call)
    if price <= 0:
        return math.nan
    root = math.sqrt(expiry.years)
    right = QuantLib.Option.Call if is_call else QuantLib.Option.Put
    deviation = QuantLib.blackFormulaImpliedStdDev(
        right, option.strike, expiry.forward, price, 1.0, 0.0, 0.3 * root, 1e-12, 200
    )
    return deviation / root
