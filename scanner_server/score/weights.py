"""The components of a score, and the weights that they have unless a request gives its own."""

BALANCED: dict[str, float] = {
    "probability_of_profit": 0.25,
    "return_on_risk": 0.20,
    "liquidity": 0.15,
    "delta": 0.10,
    "theta": 0.10,
    "vega": 0.05,
    "implied_volatility": 0.05,
    "width": 0.05,
    "time_decay": 0.05,
}
COMPONENTS: tuple[str, ...] = tuple(BALANCED)
