"""Contracts as fields: the client's descriptions of them, and their details."""

from datetime import datetime

from tws_sim.market.calendar import SessionCalendar, trading_hours
from tws_sim.market.instrument import Instrument, Option, Share
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
_LEG_FIELDS = 4


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


def skip_legs(fields: FieldReader) -> None:
    """Pass over the legs of a combination in a market data request."""
    fields.skip(_LEG_FIELDS * fields.integer())


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
    extended, regular = trading_hours(calendar, now.date())
    old = version < 164
    fields: list[Field] = [10, *([8] if old else []), request_id]
    if isinstance(item, Share):
        fields += _share(item, exchange, old, extended, regular)
    else:
        fields += _option(item, exchange, old, regular)
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


def _rules(exchanges: str) -> str:
    """The market rule of every exchange, in their order: rule 26, a cent everywhere."""
    return ",".join("26" for _ in exchanges.split(","))
