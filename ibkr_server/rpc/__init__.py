"""The services: market data, orders, control."""
