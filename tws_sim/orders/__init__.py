"""Orders: what was asked for, what became of it, and the matching that makes executions of it."""
