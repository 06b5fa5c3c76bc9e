"""The fixed maps from figures to a score."""
