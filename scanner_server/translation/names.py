"""Where the contract and the computation call a figure or filter differently."""

from scanner_server.figures.table import FIGURE_NAMES

_SPELT = {
    "sold_iv": "sold_implied_volatility",
    "bought_iv": "bought_implied_volatility",
    "return_on_risk_cash": "return_on_risk_after_commission",
}

FIGURE_TO_PUBLIC = {name: _SPELT.get(name, name) for name in FIGURE_NAMES}
FIGURE_FROM_PUBLIC = {public: name for name, public in FIGURE_TO_PUBLIC.items()}

# Ranges of ScanFilters, as `ScanSpec.ranges` calls them.
RANGE_FIELDS = {
    "days_to_expiration": "days_to_expiration",
    "strike": "strike",
    "moneyness": "moneyness",
    "short_delta": "short_delta",
    "long_delta": "long_delta",
    "open_interest": "open_interest",
    "volume": "volume",
}
# Single numbers of ScanFilters that bound a value from above.
BOUND_FIELDS = {
    "max_bid_ask_fraction": "bid_ask_width_ratio",
    "max_bid_ask_width": "bid_ask_width",
    "max_quote_age": "quote_age",
}
# Names of `clear_defaults`, and the ranges that each clears.
DEFAULTS = {
    "days_to_expiration": ("days_to_expiration",),
    "short_delta": ("short_delta",),
    "bid_ask_width": ("bid_ask_width", "bid_ask_width_ratio"),
    "quote_age": ("quote_age",),
    "return_on_risk_after_commission": ("return_on_risk_cash",),
}


def public_name(name: str) -> str:
    """How the contract spells a figure or a filter."""
    return FIGURE_TO_PUBLIC.get(name, name)
