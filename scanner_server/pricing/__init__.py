"""Black's formula on a forward: prices, Greeks and implied volatility."""
