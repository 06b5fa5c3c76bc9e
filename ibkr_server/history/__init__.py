"""Daily history of underlyings, asked for within IB's pacing of historical requests."""
