"""Surface SVI: Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces" (2014), sections 4 and 5."""

from dataclasses import dataclass

import numpy as np

from tws_sim.market.black import Array


@dataclass(frozen=True)
class Surface:
    """Total variance w(k, t) by log-moneyness k = log(K / F) and years t.

    At-the-money variance follows theta(t) = long_variance * t + (variance - long_variance) * (1 - e^-mt) / m,
    which never falls with t; phi(theta) = eta / sqrt(theta * (1 + theta)). With eta * (1 + |rho|) <= 2 that
    is free of butterfly and calendar arbitrage (their theorems 4.1, 4.2 and remark 4.4, gamma = 1/2).
    """

    variance: float
    long_variance: float
    reversion: float
    rho: float
    eta: float

    def __post_init__(self) -> None:
        if min(self.variance, self.long_variance, self.reversion, self.eta) <= 0 or abs(self.rho) >= 1:
            raise ValueError(f"no surface: {self}")
        if self.eta * (1 + abs(self.rho)) > 2:
            raise ValueError(f"arbitrage: eta * (1 + |rho|) is {self.eta * (1 + abs(self.rho)):.3f}, above 2")

    def at_the_money(self, years: Array) -> Array:
        """Total variance theta at the forward."""
        decay = -np.expm1(-self.reversion * years) / self.reversion
        return np.asarray(self.long_variance * years + (self.variance - self.long_variance) * decay)

    def total_variance(self, moneyness: Array, years: Array) -> Array:
        """w(k, t); zero where no time is left."""
        theta = np.maximum(self.at_the_money(np.maximum(years, 0.0)), 0.0)
        safe = np.where(theta > 0, theta, 1.0)
        scaled = self.eta / np.sqrt(safe * (1 + safe)) * moneyness
        root = np.sqrt((scaled + self.rho) ** 2 + 1 - self.rho**2)
        return np.asarray(np.where(theta > 0, 0.5 * theta * (1 + self.rho * scaled + root), 0.0))

    def volatility(self, moneyness: Array, years: Array) -> Array:
        """Implied volatility per square root of a year."""
        safe = np.where(years > 0, years, 1.0)
        return np.asarray(np.sqrt(self.total_variance(moneyness, years) / safe))
