"""Indices, futures, currency pairs and crypto currencies: what a market lists beside shares and options."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tws_sim.market.identity import derived_id

AssetType = Literal["IND", "FUT", "CASH", "CRYPTO"]

_MONTH_CODES = "FGHJKMNQUVXZ"
_QUARTER_MONTHS = (3, 6, 9, 12)
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Asset:
    """An instrument that is neither a share nor an option; ``source`` is the path its price follows."""

    con_id: int
    sec_type: AssetType
    symbol: str
    local_symbol: str
    trading_class: str
    exchange: str
    long_name: str
    min_tick: float
    source: str
    market_rule: int
    multiplier: str = ""
    last_trade: date | None = None
    under_con_id: int = 0
    volume_per_day: int = 0

    @property
    def is_quoted(self) -> bool:
        """Whether there is a bid and an ask; an index has a value only."""
        return self.sec_type != "IND"

    @property
    def is_traded(self) -> bool:
        """Whether there are last prices; currency pairs are quoted only."""
        return self.sec_type != "CASH"


INDICES = (
    Asset(416904, "IND", "SPX", "SPX", "SPX", "CBOE", "S&P 500 Stock Index", 0.01, "SPX", 26),
    Asset(416843, "IND", "NDX", "NDX", "NDX", "NASDAQ", "NASDAQ 100 Stock Index", 0.01, "NDX", 26),
    Asset(13455763, "IND", "VIX", "VIX", "VIX", "CBOE", "CBOE Volatility Index", 0.01, "VIX", 26),
)
PAIRS = (
    Asset(
        12087792, "CASH", "EUR", "EUR.USD", "EUR.USD", "IDEALPRO", "European Monetary Union Euro", 0.00005,
        "EUR", 239,
    ),
    Asset(
        479624278, "CRYPTO", "BTC", "BTC.USD", "BTC", "PAXOS", "Bitcoin cryptocurrency", 0.25, "BTC", 635,
        volume_per_day=4_000,
    ),
)  # fmt: skip
# Symbol, multiplier, name, contract id of the index the exchange calls its underlying, contracts a day.
_FUTURES = (
    ("ES", "50", "E-mini S&P 500", 11004968, 1_500_000),
    ("MES", "5", "Micro E-Mini S&P 500 Stock Price Index", 362687422, 900_000),
)


def listed(today: date) -> list[Asset]:
    """Everything above and the next four quarterly futures."""
    return [*INDICES, *PAIRS, *_futures(today)]


def _futures(today: date) -> list[Asset]:
    return [
        Asset(
            derived_id("FUT", symbol, last_trade), "FUT", symbol, f"{symbol}{_code(last_trade)}", symbol,
            "CME", name, 0.25, "SPX", 67, multiplier, last_trade, under, volume,
        )
        for symbol, multiplier, name, under, volume in _FUTURES
        for last_trade in _quarters(today, 4)
    ]  # fmt: skip


def _code(last_trade: date) -> str:
    return f"{_MONTH_CODES[last_trade.month - 1]}{last_trade.year % 10}"


def _quarters(today: date, count: int) -> list[date]:
    """Third Fridays of the quarterly months from ``today`` on."""
    months = ((year, month) for year in (today.year, today.year + 1) for month in _QUARTER_MONTHS)
    fridays = [_third_friday(year, month) for year, month in months]
    return [friday for friday in fridays if friday >= today][:count]


def _third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 14)
