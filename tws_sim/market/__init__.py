"""Markets: what is listed, what it quotes, and how that changes with the market's clock."""
