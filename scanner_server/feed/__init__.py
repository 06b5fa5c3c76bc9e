"""The client of ibkr_server: one stream of quotes, the chains, and the market's time."""
