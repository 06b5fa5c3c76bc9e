"""The service that callers see."""
