"""Option chains and when they expire."""
