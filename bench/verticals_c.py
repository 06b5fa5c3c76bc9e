"""Builds and calls verticals.c with whatever C compiler there is."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.scan_market import Market
from scanner_server.score.weights import BALANCED, COMPONENTS

HERE = Path(__file__).parent
ZIG = HERE.parent / ".tools/bench/bin/python"
LEG_COLUMNS = ("mid", "iv", "delta", "vega", "theta", "liquidity")
LEG = np.dtype([(name, float) for name in ("strike", "bid", "ask", *LEG_COLUMNS, "share_tail", "tail")])
EXPIRY = np.dtype(
    [(name, float) for name in ("forward", "growth", "root", "atm_iv", "deviation", "time_decay")]
    + [("first_knot", np.int64), ("end_knot", np.int64), ("rows", np.int64, 4)]
)
FIGURES = ("score", "max_profit", "max_loss", "probability_of_profit", "average_gain")
VERTICAL = np.dtype(
    [(name, float) for name in FIGURES] + [(n, np.int64) for n in ("lower", "upper", "strategy")]
)

Verticals = npt.NDArray[np.void]


class Smile(ctypes.Structure):
    """Pointers to the knots."""

    _fields_ = [(name, ctypes.c_void_p) for name in ("x", "iv", "cubic")]


def compiler() -> list[str]:
    """The machine's own, or the clang inside the ziglang wheel."""
    own = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    return [own] if own else [str(ZIG), "-m", "ziglang", "cc"]


def build() -> ctypes.CDLL:
    """Compile for this processor."""
    library = HERE / "build" / "verticals.so"
    library.parent.mkdir(exist_ok=True)
    flags = ["-O3", "-march=native", "-std=gnu11", "-shared", "-fPIC"]
    command = [*compiler(), *flags, str(HERE / "verticals.c"), "-o", str(library), "-lm"]
    subprocess.run(command, check=True, timeout=300)
    return ctypes.CDLL(str(library))


def leg_records(market: Market) -> npt.NDArray[np.void]:
    """The legs as C reads them."""
    records = np.zeros(len(market.chain), LEG)
    records["strike"] = market.chain.strike
    records["bid"], records["ask"] = market.quotes.bid, market.quotes.ask
    for name in LEG_COLUMNS:
        records[name] = market.columns[name]
    return records


def expiry_records(market: Market) -> npt.NDArray[np.void]:
    """The expirations as C reads them."""
    surface, chain = market.surface, market.chain
    records = np.zeros(len(chain.expires_at), EXPIRY)
    records["forward"], records["growth"] = surface.forward, surface.growth
    records["root"] = np.sqrt(surface.years)
    records["atm_iv"], records["deviation"] = surface.atm_iv, surface.atm_iv * records["root"]
    records["time_decay"] = np.exp(-0.5 * (np.log(surface.days / 35) / 0.7) ** 2)
    records["first_knot"], records["end_knot"] = surface.knot_start[:-1], surface.knot_start[1:]
    for index, record in enumerate(records):
        calls = np.flatnonzero((chain.expiration == index) & chain.is_call)
        puts = np.flatnonzero((chain.expiration == index) & ~chain.is_call)
        record["rows"] = calls[0], calls[-1] + 1, puts[0], puts[-1] + 1
    return records


def balanced() -> npt.NDArray[np.float64]:
    """Weights in the order of the components."""
    return np.array([BALANCED[name] for name in COMPONENTS])


def c_scan(market: Market, *, slippage: float, limit: int) -> Callable[[], Verticals]:
    """A function that scans the market in C and returns the best verticals."""
    function = build().scan
    function.restype = ctypes.c_int64
    legs, expiries, weights = leg_records(market), expiry_records(market), balanced()
    surface = market.surface
    knots = [np.ascontiguousarray(column) for column in (surface.knot_x, surface.knot_iv, surface.cubic)]
    smile = Smile(*(column.ctypes.data for column in knots))
    top = np.zeros(limit, VERTICAL)

    def run() -> Verticals:
        size = function(
            legs.ctypes.data_as(ctypes.c_void_p),
            expiries.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int64(len(expiries)),
            ctypes.byref(smile),
            ctypes.c_double(surface.spot),
            ctypes.c_double(slippage),
            weights.ctypes.data_as(ctypes.c_void_p),
            top.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int64(limit),
        )
        assert knots
        return top[:size].copy()

    return run
