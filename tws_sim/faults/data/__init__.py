"""Faults of market data, of requests and of limits."""
