"""Quotes, from ticks to batches."""
