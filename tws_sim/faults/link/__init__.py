"""Faults between the gateway and the servers behind it."""
