"""Requests by topic. Each module registers its handlers by message id; :func:`answer` dispatches."""

from tws_sim.requests import account, connection, contracts, market_data, orders, reference, unoffered
from tws_sim.requests.dispatch import answer

__all__ = ["account", "answer", "connection", "contracts", "market_data", "orders", "reference", "unoffered"]
