"""A seeded market that moves and never offers a static arbitrage."""
