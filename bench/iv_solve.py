"""Implied volatility of 8,000 options against py_vollib_vectorized, both on one thread."""

import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from bench.result import Result, at_most, faster
from scanner_server.columns import Flags, Floats
from scanner_server.pricing.implied import implied_volatilities

OPTIONS, REPEATS = 8_000, 51
PYTHON = str(Path(__file__).parents[1] / ".tools/bench/bin/python")


class Options(NamedTuple):
    """Undiscounted prices and what they were made of; shape (n,)."""

    price: Floats
    forward: Floats
    strike: Floats
    years: Floats
    is_call: Flags
    volatility: Floats


def options() -> Options:
    """Out-of-the-money options within two standard deviations, one week to two years, 5 % to 150 %."""
    rng = np.random.default_rng(2)
    forward = rng.uniform(20, 900, OPTIONS)
    years = rng.uniform(1 / 52, 2, OPTIONS)
    volatility = rng.uniform(0.05, 1.5, OPTIONS)
    deviation = volatility * np.sqrt(years)
    strike = forward * np.exp(rng.uniform(-2, 2, OPTIONS) * deviation)
    is_call = strike > forward
    sign = np.where(is_call, 1.0, -1.0)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    price = sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))
    return Options(price, forward, strike, years, is_call, volatility)


def run() -> list[Result]:
    """Measure both in turn and check both against the volatilities that the prices were made of."""
    of = options()
    ours = np.empty(OPTIONS)
    taken: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "options.npz")
        flag = np.where(of.is_call, "c", "p")
        np.savez(path, price=of.price, forward=of.forward, strike=of.strike, years=of.years, flag=flag)
        command = [PYTHON, str(Path(__file__).with_name("iv_baseline.py"))]
        with subprocess.Popen(
            [*command, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            for _ in range(REPEATS + 1):
                start = time.perf_counter()
                ours = implied_volatilities(of.price, of.forward, of.strike, of.years, of.is_call)
                taken[0].append(time.perf_counter() - start)
                other.stdin.write("\n")
                taken[1].append(float(other.stdout.readline()))
            other.stdin.close()
        theirs = np.load(path + ".solved.npy")
    assert np.abs(theirs - of.volatility).max() < 1e-9, "the baseline solves something else"
    seconds, baseline = (median(times[1:]) for times in taken)
    error = float(np.abs(ours - of.volatility).max())
    return [
        faster("iv_solve", seconds, baseline, goal=2.5),
        at_most("iv_solve error", error, "per year", 1e-12),
    ]
