"""One record per contract, and a last one for the share, with what a spread takes from its legs."""

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Records

# NaN = absent. Money is USD per share.
LEG = np.dtype(
    [
        (name, np.float64)
        for name in (
            "strike",  # 0 for the share: a call that is always exercised, for nothing
            "sign",  # 1 call and share, -1 put
            "bid",
            "ask",
            "mid",  # (bid + ask) / 2
            "width",  # ask - bid
            "width_ratio",  # width / mid
            "iv",  # implied volatility, per year
            "delta",  # per share
            "gamma",  # per share and USD
            "vega",  # per volatility point
            "theta",  # per calendar day; negative for most long options
            "rho",  # per 0.01 of the rate
            "liquidity",  # 0 to 1
            "open_interest",  # contracts
            "volume",  # contracts of the day
            "quote_time",  # market time of the last update, unix seconds
        )
    ]
)


def blank_legs(chain: Chain) -> Records:
    """Records of every contract and, at index n, of the share, without any value yet; shape (n + 1,)."""
    legs = np.full(len(chain) + 1, np.nan, LEG)
    legs["strike"][:-1] = chain.strike
    legs["strike"][-1] = 0.0
    legs["sign"] = 1.0
    legs["sign"][:-1][~chain.is_call] = -1.0
    return legs
