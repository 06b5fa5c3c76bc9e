"""What a server takes on: rate limits, stream quotas and load shedding (docs/limits.md)."""
