"""The components of a score and the presets of their weights."""

COMPONENTS: tuple[str, ...] = (
    "probability_of_profit",
    "return_on_risk",
    "liquidity",
    "delta",
    "theta",
    "vega",
    "implied_volatility",
    "width",
    "time_decay",
)


def _weights(*values: float) -> dict[str, float]:
    return dict(zip(COMPONENTS, values, strict=True))


BALANCED = _weights(0.25, 0.20, 0.15, 0.10, 0.10, 0.05, 0.05, 0.05, 0.05)
PRESETS: dict[str, dict[str, float]] = {
    "balanced": BALANCED,
    "conservative": _weights(0.40, 0.10, 0.20, 0.10, 0.05, 0.05, 0.02, 0.03, 0.05),
    "aggressive": _weights(0.10, 0.40, 0.10, 0.05, 0.15, 0.05, 0.05, 0.05, 0.05),
}
