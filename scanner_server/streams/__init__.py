"""Rankings as streams: snapshots and deltas, paced and conflated."""
