"""The session with TWS or IB Gateway."""
