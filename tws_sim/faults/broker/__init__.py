"""Faults of what the broker does with orders, and of what it says about them."""
