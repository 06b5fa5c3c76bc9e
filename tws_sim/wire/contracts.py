"""Contracts as fields: the client's descriptions of them, and their details."""

from datetime import datetime
from typing import NamedTuple

from tws_sim.market.assets import Asset
from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.hours import hours_text
from tws_sim.market.instrument import Instrument, Option, Share, sec_type
from tws_sim.market.listing import OPTION_EXCHANGES, SHARE_EXCHANGES, ContractQuery
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

MIN_TICK = 0.01
TIME_ZONE = "US/Eastern"
BBO_EXCHANGE = "9c0001"
SNAPSHOT_PERMISSIONS = 3
ORDER_TYPES = (
    "ACTIVETIM,AD,ADJUST,ALERT,ALGO,ALLOC,AON,AVGCOST,BASKET,COND,CONDORDER,DAY,DEACT,DEACTDIS,DEACTEOD,"
    "GAT,GTC,GTD,GTT,HID,ICE,IOC,LIT,LMT,LTH,MIT,MKT,MTL,NONALGO,OCA,OPENCLOSE,PEGMID,SCALE,SMARTSTG,"
    "STP,STPLMT,TRAIL,TRAILLIT,TRAILLMT,TRAILMIT,WHATIF"
)


def read_contract(fields: FieldReader) -> ContractQuery:
    """The twelve fields that describe a contract in requests."""
    return ContractQuery(
        con_id=fields.integer(),
        symbol=fields.string(),
        sec_type=fields.string(),
        expiry=fields.string(),
        strike=fields.number(),
        right=fields.string(),
        multiplier=fields.string(),
        exchange=fields.string(),
        primary_exchange=fields.string(),
        currency=fields.string(),
        local_symbol=fields.string(),
        trading_class=fields.string(),
    )


class Leg(NamedTuple):
    """One leg of a combination."""

    con_id: int
    ratio: int
    action: str
    exchange: str


def read_legs(fields: FieldReader) -> list[Leg]:
    """The legs of a combination in a request for its data.

    Raises:
        FieldError: there are more legs than fields.
    """
    return [
        Leg(fields.integer(), fields.integer(), fields.string(), fields.string())
        for _ in range(fields.integer())
    ]


def contract_details(
    version: int,
    request_id: int,
    item: Instrument,
    *,
    exchange: str,
    calendar: SessionCalendar,
    now: datetime,
) -> bytes:
    """Contract details in the shape of the negotiated version, with the hours of the coming days."""
    extended, regular = hours_text(item, calendar, now.date())
    old = version < 164
    fields: list[Field] = [10, *([8] if old else []), request_id]
    if isinstance(item, Share):
        fields += _share(item, exchange, old, extended, regular)
    elif isinstance(item, Option):
        fields += _option(item, exchange, old, regular)
    else:
        fields += _asset(item, old, extended, regular)
    if not old:
        fields += [1, 1, 100 if isinstance(item, Share) else 1]
    return message(*fields)


def _share(item: Share, exchange: str, old: bool, extended: str, regular: str) -> list[Field]:
    kind = "ETF" if item.is_fund else "COMMON"
    return [
        *(item.symbol, "STK", "", 0, "", exchange, "USD", item.symbol, "NMS", "NMS", item.con_id, MIN_TICK),
        *([100] if old else []),
        *("", ORDER_TYPES, SHARE_EXCHANGES, 1, 0, item.long_name, item.primary_exchange, ""),
        *("Communications" if not item.is_fund else "", "Internet" if not item.is_fund else "", ""),
        *(TIME_ZONE, extended, regular, "", 0, 0, 1, "", "", _rules(SHARE_EXCHANGES), "", kind),
    ]


def _option(item: Option, exchange: str, old: bool, regular: str) -> list[Field]:
    last_trade = f"{item.last_trade:%Y%m%d}"
    return [
        *(item.symbol, "OPT", last_trade, item.strike, item.right, exchange, "USD", item.local_symbol),
        *(item.symbol, item.symbol, item.con_id, MIN_TICK),
        *([100] if old else []),
        *(item.multiplier, ORDER_TYPES, OPTION_EXCHANGES, 1, item.share.con_id, item.share.long_name, ""),
        *(f"{item.last_trade:%Y%m}", "", "", "", TIME_ZONE, regular, regular, "", 0, 0, 2),
        *(item.symbol, "STK", _rules(OPTION_EXCHANGES), f"{item.expiration:%Y%m%d}", ""),
    ]


def _asset(item: Asset, old: bool, extended: str, regular: str) -> list[Field]:
    last_trade = f"{item.last_trade:%Y%m%d}" if item.last_trade else ""
    is_future = item.sec_type == "FUT"
    return [
        *(item.symbol, item.sec_type, last_trade, 0, "", item.exchange, "USD", item.local_symbol),
        *(item.trading_class, item.trading_class, item.con_id, item.min_tick),
        *([1] if old else []),
        *(item.multiplier, ORDER_TYPES, item.exchange, 1, item.under_con_id, item.long_name, ""),
        *(last_trade[:6], "", "", "", TIME_ZONE, extended, regular, "", 0, 0),
        *(2147483647 if is_future else 4, item.symbol if is_future else "", "IND" if is_future else ""),
        *(str(item.market_rule), last_trade, ""),
    ]


def short_contract(item: Instrument, exchange: str) -> list[Field]:
    """What a scan says of a contract: id, symbol, type, expiry, strike, right, exchange, currency, names."""
    option = item if isinstance(item, Option) else None
    last_trade = None if isinstance(item, Share) else item.last_trade
    return [
        *(item.con_id, item.symbol, sec_type(item), f"{last_trade:%Y%m%d}" if last_trade else ""),
        *(option.strike if option else 0, option.right if option else "", exchange, "USD"),
        *(local_symbol(item), trading_class(item), trading_class(item)),
    ]


def described(item: Instrument, exchange: str) -> list[Field]:
    """The eleven fields that describe a contract in positions and executions, from id to trading class."""
    multiplier = "" if isinstance(item, Share) else item.multiplier
    con_id, symbol, kind, last_trade, strike, right, *_ = short_contract(item, exchange)
    return [
        *(con_id, symbol, kind, last_trade, strike, right, multiplier, exchange, "USD"),
        *(local_symbol(item), trading_class(item)),
    ]


def local_symbol(item: Instrument) -> str:
    """The symbol on the exchange."""
    return item.symbol if isinstance(item, Share) else item.local_symbol


def trading_class(item: Instrument) -> str:
    """The trading class, the market's name for shares."""
    if isinstance(item, Share):
        return "NMS"
    return item.trading_class if isinstance(item, Asset) else item.symbol


def _rules(exchanges: str) -> str:
    """The market rule of every exchange, in their order: rule 26, a cent everywhere."""
    return ",".join("26" for _ in exchanges.split(","))


def default_exchange(item: Instrument) -> str:
    """The exchange of a description that names none."""
    return item.exchange if isinstance(item, Asset) else "SMART"
