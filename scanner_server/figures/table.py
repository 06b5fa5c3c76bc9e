"""Every figure of a spread, in the order in which they are computed and filtered: cheap before costly.

Those before max_profit come from quotes alone, those before breakeven_distance from the payoff too; the rest
need the law of the share.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """What a number means.

    Attributes:
        name: as requests and answers spell it.
        unit: unit of the value.
        sign: what a positive value means, or the range of values.
        description: one sentence.
    """

    name: str
    unit: str
    sign: str
    description: str


_SHARE = "USD per share"
_CASH = "USD per spread"

FIGURES: tuple[Figure, ...] = (
    Figure("net_mid", _SHARE, "debit", "Price of the spread at the mids of its legs."),
    Figure(
        "net_natural",
        _SHARE,
        "debit",
        "Pays the ask of legs bought, receives the bid of legs sold.",
    ),
    Figure("fill_price", _SHARE, "debit", "net_mid + slippage x (net_natural - net_mid), under all profits."),
    Figure("fee", _CASH, "cost", "Commission on entry, per contract; a leg of ratio 2 pays twice."),
    Figure("days_to_expiration", "days", ">= 0", "Calendar days in New York to the expiration."),
    Figure("expected_move", _SHARE, ">= 0", "Spot x at-the-money volatility x sqrt(T)."),
    Figure("width", _SHARE, ">= 0", "Widest span of strikes among the legs of one right."),
    Figure("width_in_strikes", "strikes", ">= 0", "That span counted in listed strikes."),
    Figure("width_to_expected_move", "ratio", ">= 0", "width / expected_move."),
    Figure("quote_age", "seconds", ">= 0", "Age of the oldest leg's quote, since any update of it."),
    Figure("liquidity", "ratio", "0 to 1", "Of the worst leg: open interest, volume, bid-ask width."),
    Figure("undefined_risk", "flag", "0 or 1", "1 where the loss has no bound as the share rises."),
    Figure("naked", "flag", "0 or 1", "1 where more puts are sold than bought."),
    Figure("delta", "shares per share", "long the share", "Change of value per USD of the share, spot held."),
    Figure("gamma", "delta per USD", "long options", "Change of delta per USD of the share."),
    Figure("vega", "USD per share and point", "long volatility", "Change of value per 0.01 of volatility."),
    Figure("theta", "USD per share and day", "gains with time", "Change of value per calendar day."),
    Figure("rho", "USD per share and 0.01", "gains with rates", "Change of value per 0.01 of the rate."),
    Figure("theta_vega_ratio", "points per day", "same signs", "theta / vega."),
    Figure("sold_implied_volatility", "per year", ">= 0", "Mean of the legs sold, weighted by quantity."),
    Figure("bought_implied_volatility", "per year", ">= 0", "Mean of the legs bought, weighted by quantity."),
    Figure("iv_rank", "ratio", "0 to 1", "The underlying's volatility within its range of a year."),
    Figure("iv_percentile", "ratio", "0 to 1", "Share of the days of a year on which it was lower."),
    Figure("max_profit", _SHARE, "profit", "Highest profit at expiration; infinite where it has no bound."),
    Figure("max_loss", _SHARE, "loss", "Highest loss at expiration; infinite where it has no bound."),
    Figure("return_on_risk", "ratio", "profit", "max_profit / max_loss."),
    Figure("annualized_return_on_risk", "ratio per year", "profit", "return_on_risk x 365 / days."),
    Figure("max_profit_cash", _CASH, "profit", "max_profit x multiplier - fee."),
    Figure("max_loss_cash", _CASH, "loss", "max_loss x multiplier + fee."),
    Figure("return_on_risk_after_commission", "ratio", "profit", "max_profit_cash / max_loss_cash."),
    Figure("breakeven_distance", "deviations", ">= 0", "min |ln(B/F)| / (at-the-money iv x sqrt(T))."),
    Figure(
        "probability_of_profit",
        "probability",
        "0 to 1",
        "That the profit is above zero, on the smile.",
    ),
    Figure(
        "expected_value",
        _SHARE,
        "profit",
        "E[payoff] - e^(rT) fill_price, at forecast_volatility or forecast_realized.",
    ),
    Figure("expected_gain", _SHARE, "profit", "The part of expected_value above zero."),
    Figure("expected_loss", _SHARE, "loss", "The part below zero: expected_gain - expected_value."),
    Figure("average_gain", _SHARE, "profit", "expected_gain over the probability of a gain."),
    Figure("margin_efficiency", "ratio", "profit", "expected_value / max_loss."),
    Figure("kelly_fraction", "ratio", "0 to 1", "expected_value / max_profit, cut to [0, 1]."),
    Figure("expected_value_cash", _CASH, "profit", "expected_value x multiplier - fee."),
)

FIGURE_NAMES: tuple[str, ...] = tuple(figure.name for figure in FIGURES)
FIGURE_INDEX: dict[str, int] = {name: index for index, name in enumerate(FIGURE_NAMES)}
