"""An underlying's price at any past instant: recorded since the start, a seeded random walk before it."""

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

SAMPLES_KEPT = 86_400
_LEVELS = 31
_SPAN = float(2 ** (_LEVELS - 1))  # 34 years, so that the finest level is a second
_DAY_SECONDS = 86_400.0
_YEAR_SECONDS = 365.0 * _DAY_SECONDS
_REALIZED_DAYS = 30


class Track:
    """Prices of the past that meet the live price at ``start``, the same for every question about them."""

    def __init__(self, spot: float, volatility: float, seed: int, start: float) -> None:
        self._spot = spot
        self._scale = volatility / np.sqrt(_YEAR_SECONDS)
        self._seed = seed
        self._start = start
        self._epochs = array("d", [start])
        self._prices = array("d", [spot])

    def is_due(self, epoch: float) -> bool:
        """Whether a second has passed since the last record."""
        return epoch - self._epochs[-1] >= 1.0

    def record(self, epoch: float, price: float) -> None:
        """Keep the live price, once a second and for a day at least."""
        if not self.is_due(epoch):
            return
        self._epochs.append(epoch)
        self._prices.append(price)
        if len(self._epochs) > 2 * SAMPLES_KEPT:
            del self._epochs[1:SAMPLES_KEPT]
            del self._prices[1:SAMPLES_KEPT]

    def at(self, epochs: Floats) -> Floats:
        """Prices at instants (seconds since 1970); after the last record, the last recorded one."""
        before = np.maximum(self._start - epochs, 0.0)
        walked = self._spot * np.exp(self._scale * self._walk(before))
        place = np.searchsorted(np.array(self._epochs), epochs, side="right") - 1
        recorded = np.array(self._prices)[np.maximum(place, 0)]
        return np.asarray(np.where(epochs < self._start, walked, recorded))

    def _walk(self, before: Floats) -> Floats:
        """Logarithm of the price so many seconds before the start, with unit variance a second."""
        return brownian(before, self._seed)


class RevertingTrack(Track):
    """A value that stays around a level, as a volatility does.

    Its logarithm is a Brownian motion's increment over ``MEMORY_SECONDS``: of constant variance, and two
    values further apart than that are independent. ``volatility`` is the standard deviation.
    """

    MEMORY_SECONDS = 60 * 86_400.0

    def __init__(self, value: float, volatility: float, seed: int, start: float) -> None:
        yearly = volatility * float(np.sqrt(_YEAR_SECONDS / self.MEMORY_SECONDS))
        super().__init__(value, yearly, seed, start)

    def _walk(self, before: Floats) -> Floats:
        walked = np.append(before, 0.0)
        level = brownian(walked + self.MEMORY_SECONDS, self._seed) - brownian(walked, self._seed)
        return np.asarray(level[:-1] - level[-1])


def brownian(seconds: Floats, seed: int) -> Floats:
    """Brownian motion with unit variance a second, W(0) = 0, by Lévy's construction: any instant by itself.

    Level j adds a tent of height sqrt(span) / 2^(j/2 + 1) times a normal number that depends on the seed, the
    level and the interval alone. Up to 2^30 seconds.
    """
    place = np.minimum(seconds / _SPAN, 1.0)
    total = place * _normal(np.zeros(place.shape, np.uint64), seed, _LEVELS)
    for level in range(_LEVELS):
        scaled = place * 2.0**level
        interval = np.minimum(np.floor(scaled), 2.0**level - 1)
        tent = 1.0 - np.abs(2.0 * (scaled - interval) - 1.0)
        total += tent * 2.0 ** (-level / 2 - 1) * _normal(interval.astype(np.uint64), seed, level)
    return np.asarray(np.sqrt(_SPAN) * total)


def realized_volatility(prices: Callable[[Floats], Floats], epochs: Floats) -> Floats:
    """Volatility per year of the 30 daily returns up to each instant's day, their mean taken as zero.

    ``prices`` gives the path; NaN where it does not reach back that far. Days begin at midnight UTC.
    """
    days, place = np.unique(epochs // _DAY_SECONDS, return_inverse=True)
    ends = days[:, None] - np.arange(_REALIZED_DAYS + 1)
    path = prices(ends.ravel() * _DAY_SECONDS).reshape(ends.shape)
    squares = np.diff(np.log(path), axis=1) ** 2
    return np.asarray(np.sqrt(squares.mean(axis=1) * _YEAR_SECONDS / _DAY_SECONDS)[place])


def noise(places: npt.NDArray[Any], seed: int) -> Floats:
    """A number in [0, 1) for every integer place, the same at every call."""
    return np.asarray((_mixed(places.astype(np.uint64), seed) >> np.uint64(11)) * 2.0**-53)


def _normal(interval: Words, seed: int, level: int) -> Floats:
    """Nearly normal numbers: the sum of a hash's four 16-bit words, scaled to unit variance."""
    mixed = _mixed(interval, seed * 64 + level + 1)
    mask = np.uint64(0xFFFF)
    words = sum(((mixed >> np.uint64(shift)) & mask).astype(np.float64) for shift in (0, 16, 32, 48))
    return np.asarray((words / 65536.0 - 2.0) * np.sqrt(3.0))


def _mixed(values: Words, seed: int) -> Words:
    """Steele, Lea and Flood's SplitMix64 finalizer over values and seed."""
    state = values + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)))
