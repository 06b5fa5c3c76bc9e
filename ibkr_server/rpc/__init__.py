"""The market data service."""
