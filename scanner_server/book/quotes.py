"""The live quotes of one underlying's contracts, as columns aligned to its chain."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags, Floats

# The feed writes "no value" as 1.79e308 (double), 2147483647 and 9223372036854775807 (integers) or below 0.
_LARGEST_VALUE = 1e15
_UNSET_INTEGER = 2147483647.0


def normalised(values: npt.ArrayLike) -> Floats:
    """Values with every way of saying "missing" (negative, infinite, unset sentinels) turned to NaN."""
    column = np.array(values, np.float64)
    with np.errstate(invalid="ignore"):
        missing = ~((column >= 0) & (column < _LARGEST_VALUE)) | (column == _UNSET_INTEGER)
    column[missing] = np.nan
    return column


@dataclass(slots=True, eq=False)
class Underlying:
    """The share's own quote: prices in USD, `time` in unix seconds of market time; NaN = missing.

    `stale`: it can't be relied on.
    """

    bid: float = np.nan
    ask: float = np.nan
    last: float = np.nan
    time: float = np.nan
    stale: bool = False

    def update(self, *, time: float, **prices: float) -> None:
        """Replace the given prices (`bid`, `ask`, `last`), normalised; the others are carried forward.

        Raises:
            ValueError: a name that is not a price of the underlying.
        """
        for name, value in prices.items():
            if name not in {"bid", "ask", "last"}:
                raise ValueError(f"the underlying has no {name}")
            setattr(self, name, float(normalised(value)))
        self.time = time

    @property
    def spot(self) -> float:
        """The mid, or the last trade where there is no mid; NaN where there is neither."""
        if self.bid >= 0 and self.ask > 0 and self.ask >= self.bid:
            return (self.bid + self.ask) / 2
        return self.last


@dataclass(slots=True, eq=False)
class Quotes:
    """Live values, one row per contract of the chain; NaN = missing. Changed in place by `update`.

    Attributes:
        bid, ask, last: USD per share.
        bid_size, ask_size, volume, open_interest: contracts.
        quote_time: market time of the quote's last update, unix seconds; NaN = never quoted.
        stale: the quote can't be relied on: what it comes through is away, or was and it has not come again.
        underlying: the share's own quote.
    """

    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    volume: Floats
    open_interest: Floats
    quote_time: Floats
    stale: Flags
    underlying: Underlying = field(default_factory=Underlying)

    @classmethod
    def empty(cls, chain: Chain) -> Self:
        """Quotes of a chain that nothing is known of yet."""
        prices = np.full((3, len(chain)), np.nan)
        sizes = np.full((4, len(chain)), np.nan)
        return cls(
            bid=prices[0],
            ask=prices[1],
            last=prices[2],
            bid_size=sizes[0],
            ask_size=sizes[1],
            volume=sizes[2],
            open_interest=sizes[3],
            quote_time=np.full(len(chain), np.nan),
            stale=np.zeros(len(chain), np.bool_),
        )

    def update(self, rows: npt.ArrayLike, **columns: npt.ArrayLike) -> None:
        """Write columns at rows. A column left out is carried forward; NaN in a given one means missing.

        Args:
            rows: rows of the chain, shape (k,).
            **columns: any of the attributes but `underlying`, each of shape (k,) or a scalar.

        Raises:
            ValueError: a name that is not a column.
        """
        index = np.asarray(rows, np.int64)
        for name, values in columns.items():
            if name not in _COLUMNS:
                raise ValueError(f"quotes have no column {name}")
            getattr(self, name)[index] = values if name == "stale" else normalised(values)

    def mid(self, rows: npt.NDArray[np.integer] | slice = slice(None)) -> Floats:
        """(bid + ask) / 2 where bid >= 0, ask > 0 and ask >= bid, else NaN; shape of `rows`."""
        bid, ask = self.bid[rows], self.ask[rows]
        with np.errstate(invalid="ignore"):
            return np.where((bid >= 0) & (ask > 0) & (ask >= bid), (bid + ask) / 2, np.nan)

    @property
    def quoted(self) -> Flags:
        """Contracts that have had any update of their quote; shape (n,)."""
        return ~np.isnan(self.quote_time)

    def distrust(self) -> None:
        """Flag every quote as stale."""
        self.stale = self.quoted
        self.underlying.stale = True


_COLUMNS = frozenset(Quotes.__slots__) - {"underlying"}
