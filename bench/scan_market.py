"""The market of the scan benchmarks: 20 expirations × 200 strikes × 2 rights, 796,000 pairs of strikes."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, Records
from scanner_server.legs.legs import LEG
from scanner_server.legs.valuation import legs_on
from scanner_server.ranking.view import View
from scanner_server.surface.surface import Surface, SurfaceSettings
from scanner_server.surface.take import take_surface

EXPIRATIONS, STRIKES = 20, 200
PAIRS = EXPIRATIONS * 2 * STRIKES * (STRIKES - 1) // 2
NOW = 1_767_712_200.0
SPOT, RATE = 500.0, 0.04
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that a scan reads; `columns` are the contracts' values side by side, as NumPy likes them."""

    chain: Chain
    quotes: Quotes
    surface: Surface
    legs: Records
    columns: dict[str, Floats]

    @property
    def view(self) -> View:
        """What the scanner looks at."""
        return View(self.chain, self.legs, self.surface, NOW)


def listed(every: int = 1, expirations: int = EXPIRATIONS) -> Chain:
    """Weekly expirations from a week on, strikes 2.50 apart around spot, or `every` so many of them."""
    rows = [
        (weeks * 7, SPOT + 2.5 * (k - STRIKES // 2), is_call)
        for weeks in range(1, expirations + 1)
        for is_call in (True, False)
        for k in range(0, STRIKES, every)
    ]
    days, strikes, calls = zip(*rows, strict=True)
    return Chain.of(
        "BENCH",
        100.0,
        con_id=range(1, len(rows) + 1),
        expiration=[str(np.datetime64(int(NOW), "s").astype("datetime64[D]") + day) for day in days],
        expires_at=[NOW + day * DAY + 6.5 * 3600 for day in days],
        strike=strikes,
        is_call=calls,
        trading_class=["BENCH"] * len(rows),
    )


def quoted(chain: Chain) -> Quotes:
    """Prices off a skewed smile in whole cents, with noise in sizes, widths and ages."""
    rng = np.random.default_rng(3)
    n = len(chain)
    years = (chain.expires_at[chain.expiration] - NOW) / (365 * DAY)
    forward = SPOT * np.exp(RATE * years)
    x = np.log(chain.strike / forward) / np.sqrt(years)
    deviation = np.clip(0.25 - 0.08 * x + 0.05 * x * x, 0.12, 0.9) * np.sqrt(years)
    d1 = np.log(forward / chain.strike) / deviation + deviation / 2
    sign = np.where(chain.is_call, 1.0, -1.0)
    price = sign * (forward * ndtr(sign * d1) - chain.strike * ndtr(sign * (d1 - deviation)))
    price *= np.exp(-RATE * years)
    half = 0.02 + 0.01 * price * rng.uniform(0.2, 1, n)
    quotes = Quotes.empty(chain)
    quotes.update(
        np.arange(n),
        bid=np.round(np.maximum(price - half, 0), 2),
        ask=np.round(price + half, 2) + 0.01,
        open_interest=rng.integers(0, 3_000, n).astype(np.float64),
        volume=rng.integers(0, 400, n).astype(np.float64),
        quote_time=NOW - rng.uniform(0, 60, n),
    )
    quotes.underlying.update(time=NOW, bid=SPOT - 0.01, ask=SPOT + 0.01)
    return quotes


def market(every: int = 1, expirations: int = EXPIRATIONS) -> Market:
    """The market, or a part of it as `listed`, with its surface taken and its legs valued."""
    chain = listed(every, expirations)
    quotes = quoted(chain)
    surface = take_surface(chain, quotes, NOW, 1, SurfaceSettings(rate=RATE))
    legs = legs_on(chain, quotes, surface)
    columns = {name: legs[name][:-1].copy() for name in LEG.names or ()}
    return Market(chain, quotes, surface, legs, columns)
