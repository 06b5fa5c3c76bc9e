"""Where an underlying's volatility stands within its last year: the history kept for it, and the figures."""
