"""How one underlying and its surface move: a log-normal spot, mean-reverting factors of its volatility."""

from dataclasses import dataclass

import numpy as np

from tws_sim.market.synthetic.ssvi import Surface

STEP_SECONDS = 0.05
_YEAR_SECONDS = 252 * 6.5 * 3600
_ETA_BOUND = 1.999


@dataclass(frozen=True)
class Profile:
    """What an underlying is like: volatilities per year, rates continuous."""

    spot: float
    volatility: float = 0.25
    dividend_yield: float = 0.0
    rho: float = -0.45
    eta: float = 1.1
    width: float = 1.5  # of the quotes, as a multiple of the most liquid options'


class Process:
    """The path of one underlying, in steps of ``STEP_SECONDS`` of market time.

    A step's randomness depends on the seed and the step's number alone: two processes with one seed that have
    made the same number of steps are equal, however the steps were grouped.
    """

    def __init__(self, profile: Profile, seed: int, liveliness: float = 1.0) -> None:
        self.profile = profile
        self._random = np.random.default_rng(seed)
        self._dt = STEP_SECONDS / _YEAR_SECONDS * liveliness
        self._factors = np.zeros(3)  # of log variance, rho and log eta; each reverts to 0 with unit variance
        self.steps = 0
        self.spot = profile.spot

    def advance(self, steps: int) -> None:
        """Make ``steps`` steps."""
        if steps <= 0:
            return
        reversion = np.array([20.0, 40.0, 40.0]) * self._dt
        for draw in self._random.standard_normal((steps, 4)):
            volatility = np.sqrt(self._variance())
            shock = draw[:3].copy()
            shock[0] = -0.7 * draw[3] + 0.714 * draw[0]  # volatility rises where the spot falls
            self.spot *= float(
                np.exp(volatility * np.sqrt(self._dt) * draw[3] - 0.5 * volatility**2 * self._dt)
            )
            self._factors += -reversion * self._factors + np.sqrt(2 * reversion) * shock
        self.steps += steps

    def _variance(self) -> float:
        return float(self.profile.volatility**2 * np.exp(0.35 * np.clip(self._factors[0], -4, 4)))

    def surface(self) -> Surface:
        """The surface of the current instant, inside the conditions of :class:`Surface`."""
        rho = float(np.tanh(np.arctanh(self.profile.rho) + 0.12 * self._factors[1]))
        eta = float(self.profile.eta * np.exp(0.1 * self._factors[2]))
        return Surface(
            variance=self._variance(),
            long_variance=self.profile.volatility**2 * 1.1,
            reversion=3.0,
            rho=rho,
            eta=min(eta, _ETA_BOUND / (1 + abs(rho))),
        )
