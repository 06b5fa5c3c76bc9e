"""Daily bars as the mesh knows them, free of IB's types."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

TRADING_DAYS_PER_YEAR = 252
MOST_DAYS_IN_DAYS = 365
"""IB wants longer durations in years."""


class Kind(Enum):
    """What a history tells, by IB's name of it (`whatToShow`)."""

    TRADES = "TRADES"
    MIDPOINT = "MIDPOINT"
    IMPLIED_VOLATILITY = "OPTION_IMPLIED_VOLATILITY"
    HISTORICAL_VOLATILITY = "HISTORICAL_VOLATILITY"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """The last `days` trading days of one kind of a contract at an exchange."""

    con_id: int
    exchange: str
    kind: Kind
    days: int

    @property
    def duration(self) -> str:
        """IB's spelling of how far back it reaches: whole years beyond a year, so some days more."""
        if self.days <= MOST_DAYS_IN_DAYS:
            return f"{self.days} D"
        return f"{-(-self.days // (TRADING_DAYS_PER_YEAR - 2))} Y"

    @property
    def series(self) -> tuple[int, str, Kind]:
        """What IB counts as the same contract, exchange and tick type."""
        return (self.con_id, self.exchange, self.kind)


@dataclass(frozen=True, slots=True)
class DailyBar:
    """One session: prices in currency per share or volatilities per year; only trades have a volume."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: float | None


@dataclass(frozen=True, slots=True)
class DailyHistory:
    """Bars, oldest first, and the market time (seconds since 1970 UTC) at which the gateway gave them."""

    bars: tuple[DailyBar, ...]
    as_of: float
