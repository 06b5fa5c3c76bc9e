"""What a client spares a server that struggles: circuit breaker and retry budget (docs/limits.md)."""
