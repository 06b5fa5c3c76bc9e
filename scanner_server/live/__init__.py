"""The state behind every scan: a live book for each underlying, its snapshots and the rankings on them."""
