"""Requests by topic. Each module registers its handlers by message id; :func:`answer` dispatches."""

from tws_sim.requests import (
    account,
    computations,
    connection,
    contracts,
    depth,
    groups,
    head_timestamp,
    history,
    live_bars,
    market_data,
    news,
    orders,
    past_ticks,
    reference,
    scanner,
    tick_by_tick,
)
from tws_sim.requests.dispatch import answer

__all__ = [
    "account",
    "answer",
    "computations",
    "connection",
    "contracts",
    "depth",
    "groups",
    "head_timestamp",
    "history",
    "live_bars",
    "market_data",
    "news",
    "orders",
    "past_ticks",
    "reference",
    "scanner",
    "tick_by_tick",
]
