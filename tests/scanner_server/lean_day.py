"""Reads one option day in LEAN's folder layout into a chain and its quotes at an instant."""

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes

NEW_YORK = ZoneInfo("America/New_York")
EARLY_CLOSES = {"20151224": 13}


def instant(day: str, hour: float) -> float:
    at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=NEW_YORK)
    return at.timestamp() + hour * 3600


def expires_at(day: str) -> float:
    """The close of the last session: a Saturday means the Friday before."""
    at = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    if at.weekday() == 5:
        day = (at - timedelta(days=1)).strftime("%Y%m%d")
    return instant(day, EARLY_CLOSES.get(day, 16))


def load(root: Path, symbol: str, day: str, hour: float) -> tuple[Chain, Quotes, float]:
    """Chain, quotes and market time; every side is carried forward from its last update."""
    until = hour * 3_600_000
    folder = root / "option/usa/minute" / symbol
    contracts: dict[str, dict[str, float]] = {}
    for name, rows in _files(folder / f"{day}_quote_american.zip"):
        contracts[_key(name)] = _quote(rows, until)
    for name, rows in _files(folder / f"{day}_trade_american.zip"):
        known = [row for row in rows if row[0] + 60_000 <= until]
        if known and _key(name) in contracts:
            contracts[_key(name)] |= {"volume": sum(r[5] for r in known), "last": known[-1][4] / 1e4}
    for name, rows in _files(folder / f"{day}_openinterest_american.zip"):
        if _key(name) in contracts:
            contracts[_key(name)]["open_interest"] = rows[-1][1]
    share = _quote(next(_files(root / f"equity/usa/minute/{symbol}/{day}_quote.zip"))[1], until)
    keys = sorted(contracts)
    parts = [key.split("_") for key in keys]
    chain = Chain.of(
        symbol.upper(),
        100,
        con_id=range(1, len(keys) + 1),
        expiration=[f"{p[2][:4]}-{p[2][4:6]}-{p[2][6:]}" for p in parts],
        expires_at=[expires_at(p[2]) for p in parts],
        strike=[int(p[1]) / 1e4 for p in parts],
        is_call=[p[0] == "call" for p in parts],
        trading_class=[symbol.upper()] * len(keys),
    )
    quotes = Quotes.empty(chain)
    midnight = instant(day, 0)
    for con_id, key in enumerate(keys, 1):
        values = dict(contracts[key])
        if "quote_time" in values:
            values["quote_time"] += midnight
        quotes.update(chain.rows_of([con_id]), **values)
    quotes.underlying.update(time=midnight + share["quote_time"], bid=share["bid"], ask=share["ask"])
    return chain, quotes, instant(day, hour)


def _key(name: str) -> str:
    return "_".join(name.removesuffix(".csv").split("_")[-3:])


def _files(archive: Path):
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            with io.TextIOWrapper(opened.open(name)) as lines:
                yield name, [[float(x) if x else None for x in line.strip().split(",")] for line in lines]


def _quote(rows: list[list[float | None]], until: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        if row[0] + 60_000 > until:
            break
        if row[4] is not None:
            found |= {"bid": row[4] / 1e4, "bid_size": row[5]}
        if row[9] is not None:
            found |= {"ask": row[9] / 1e4, "ask_size": row[10]}
        found["quote_time"] = row[0] / 1000 + 60
    return found
