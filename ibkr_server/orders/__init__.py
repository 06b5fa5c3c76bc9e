"""What orders are and what may happen to them; nothing here does I/O."""
