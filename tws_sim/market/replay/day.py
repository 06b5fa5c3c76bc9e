"""One day's instruments and columns."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.instrument import Option, option, share
from tws_sim.market.listing import Listing
from tws_sim.market.replay.lean import (
    ContractKey,
    Kind,
    ReplayError,
    available_days,
    contract_key,
    option_path,
    read_table,
    share_path,
)
from tws_sim.market.replay.timeline import (
    Column,
    Events,
    ask_events,
    bid_events,
    open_interest_events,
    trade_events,
)

SHARE_ROW = 0


@dataclass(frozen=True)
class Day:
    """The listing (the share in row 0, then its options) and its columns."""

    listing: Listing
    bid: Column
    ask: Column
    trade: Column
    open_interest: Column


def read_day(folder: Path, symbol: str, day: date, calendar: SessionCalendar) -> Day:
    """Read one day.

    Raises:
        ReplayError: the folder, the symbol or the day is not there.
    """
    _check(folder, symbol, day)
    tables = {kind: read_table(option_path(folder, symbol, day, kind), kind) for kind in _OPTION_KINDS}
    keys = {kind: [contract_key(name) for name in table.names] for kind, table in tables.items()}
    options = _options(symbol, sorted(set().union(*keys.values())), calendar)
    underlying = options[0].share if options else share(symbol)
    listing = Listing([underlying, *options])
    place = {ContractKey(o.expiration, o.strike, o.right): row for row, o in enumerate(options, start=1)}
    rows = {kind: np.array([place[key] for key in found], dtype=np.int64) for kind, found in keys.items()}
    shares = {kind: read_table(share_path(folder, symbol, day, kind), kind) for kind in _SHARE_KINDS}
    only_share = np.full(1, SHARE_ROW, dtype=np.int64)
    size = len(listing.instruments)

    def column(events: Events, more: Events | None = None) -> Column:
        return Column(size, events if more is None else _merged(events, more))

    return Day(
        listing,
        column(bid_events(tables["quote"], rows["quote"]), bid_events(shares["quote"], only_share)),
        column(ask_events(tables["quote"], rows["quote"]), ask_events(shares["quote"], only_share)),
        column(trade_events(tables["trade"], rows["trade"]), trade_events(shares["trade"], only_share)),
        column(open_interest_events(tables["openinterest"], rows["openinterest"])),
    )


_OPTION_KINDS: tuple[Kind, ...] = ("quote", "trade", "openinterest")
_SHARE_KINDS: tuple[Kind, ...] = ("quote", "trade")


def _check(folder: Path, symbol: str, day: date) -> None:
    if not folder.is_dir():
        raise ReplayError(f"no folder {folder}")
    days = list(available_days(folder, symbol))
    if not days:
        raise ReplayError(f"{folder} has no option quotes of {symbol.upper()}")
    if f"{day:%Y%m%d}" not in days:
        shown = ", ".join(days[:5]) + (f" … {days[-1]}" if len(days) > 5 else "")
        raise ReplayError(f"{folder} has no {symbol.upper()} of {day}; it has {shown}")


def _options(symbol: str, keys: list[ContractKey], calendar: SessionCalendar) -> list[Option]:
    underlying = share(symbol)
    last_trades = {day: calendar.last_session(day) for day in {key.expiration for key in keys}}
    return [
        option(underlying, last_trades[key.expiration], key.expiration, key.strike, key.right) for key in keys
    ]


def _merged(first: Events, second: Events) -> Events:
    known = np.concatenate([first.known, second.known])
    order = np.argsort(known, kind="stable")
    return Events(
        known[order],
        np.concatenate([first.row, second.row])[order],
        np.concatenate([first.values, second.values])[order],
    )
