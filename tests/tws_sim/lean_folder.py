"""A small recorded day in LEAN's layout, written for the tests."""

import zipfile
from pathlib import Path

DAY = "20151224"
FRIDAY, SATURDAY = "20151231", "20160116"  # the second is a monthly that expires on a Saturday
STRIKES = (745, 750, 755)
OPEN_MS = 34_200_000
MINUTE = 60_000


def quote_rows(bid: float, ask: float, minutes: int = 90) -> str:
    """A bar a minute from 9:30 on; from the second minute on the bid moves up a cent each time."""
    rows = []
    for minute in range(minutes):
        b, a = (round((price + 0.01 * minute) * 10_000) for price in (bid, ask))
        rows.append(
            f"{OPEN_MS + minute * MINUTE},{b},{b},{b},{b},{10 + minute},{a},{a},{a},{a},{20 + minute}"
        )
    return "\n".join(rows) + "\n"


def write(folder: Path) -> Path:
    """Write GOOG of 2015-12-24 into ``folder``."""
    options = folder / "option/usa/minute/goog"
    shares = folder / "equity/usa/minute/goog"
    options.mkdir(parents=True)
    shares.mkdir(parents=True)
    quotes, trades, interest = {}, {}, {}
    for expiration, premium in ((FRIDAY, 8.0), (SATURDAY, 15.0)):
        for strike in STRIKES:
            for right in ("call", "put"):
                sign = 1 if right == "call" else -1
                middle = premium + max(sign * (750 - strike), 0) - 2 * (strike != 750)
                name = f"{right}_{strike * 10_000}_{expiration}.csv"
                quotes[f"{DAY}_goog_minute_quote_american_{name}"] = quote_rows(middle - 0.2, middle + 0.2)
                interest[f"{DAY}_goog_minute_openinterest_american_{name}"] = f"23520000,{strike}\n"
    # No bid ever, an ask in the first minute only, which is carried forward.
    quotes[f"{DAY}_goog_minute_quote_american_call_9900000_{FRIDAY}.csv"] = (
        f"{OPEN_MS},,,,,0,21500,21500,5000,5000,19\n{OPEN_MS + MINUTE},,,,,0,,,,,0\n"
    )
    trades[f"{DAY}_goog_minute_trade_american_call_7500000_{FRIDAY}.csv"] = (
        f"{OPEN_MS},80000,80000,80000,80000,3\n{OPEN_MS + 70 * MINUTE},90000,90000,91000,91000,4\n"
    )
    trades[f"{DAY}_goog_minute_trade_american_call_7500000_{SATURDAY}.csv"] = (
        f"{OPEN_MS + MINUTE},150000,150000,150000,150000,2\n"
    )
    _zip(options / f"{DAY}_quote_american.zip", quotes)
    _zip(options / f"{DAY}_trade_american.zip", trades)
    _zip(options / f"{DAY}_openinterest_american.zip", interest)
    _zip(shares / f"{DAY}_quote.zip", {f"{DAY}_goog_minute_quote.csv": quote_rows(749.9, 750.1)})
    share_trades = f"{OPEN_MS},7500000,7500000,7500000,7500000,1000\n"
    _zip(shares / f"{DAY}_trade.zip", {f"{DAY}_goog_minute_trade.csv": share_trades})
    return folder


def _zip(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
