"""Live values per contract on a surface."""

from dataclasses import dataclass

from scanner_server.columns import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Values of each contract from its own live quote on one surface; shape (n,), NaN = absent.

    Attributes:
        mid: (bid + ask) / 2, USD per share.
        width: ask - bid, USD per share.
        width_ratio: width / mid.
        iv: implied volatility, per year.
        delta: per share.
        gamma: per share and USD.
        vega: USD per share and volatility point.
        theta: USD per share and calendar day; negative for most long options.
        rho: USD per share and 0.01 of the rate.
        liquidity: 0 to 1.
    """

    mid: Floats
    width: Floats
    width_ratio: Floats
    iv: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats
    liquidity: Floats
