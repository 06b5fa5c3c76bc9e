"""Bid and ask around a price."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tws_sim.market.market import Side

TICK = 0.01

Array = npt.NDArray[np.float64]


class Sides(NamedTuple):
    """Bid and ask columns in USD."""

    bid: Array
    ask: Array


def sides(value: Array, vega: Array, width: float) -> Sides:
    """Bid rounded down and ask rounded up to the tick around a value, hence never an arbitrage with others.

    The half width grows with the price and the vega, about as market makers of liquid options quote.
    """
    half = width * (0.005 + 0.002 * value + 0.02 * vega)
    bid: Array = np.maximum(np.floor((value - half) / TICK + 1e-9), 0.0) * TICK
    ask: Array = np.maximum(np.ceil((value + half) / TICK - 1e-9) * TICK, bid + TICK)
    return Sides(np.round(bid, 2), np.round(ask, 2))


def quoted(price: Array, side: Side, tick: float) -> Array:
    """One side of a market one tick wide around a price; a trade is at the nearer side."""
    bid = np.floor(price / tick + 1e-9) * tick
    offset = {"BID": np.float64(0), "ASK": tick, "MIDPOINT": tick / 2, "TRADES": None}[side]
    nearer = np.round(price / tick) * tick
    return np.asarray(np.round(nearer if offset is None else bid + offset, 6))
