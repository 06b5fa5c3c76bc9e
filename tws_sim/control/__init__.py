"""The control port: one JSON object per line asks, one per line answers."""
