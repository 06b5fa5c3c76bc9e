"""Market data lines: who gets one."""
