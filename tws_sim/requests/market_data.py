"""Streaming quotes, snapshots, and their end."""

from tws_sim import streams
from tws_sim.feed import begin
from tws_sim.market.listing import ContractQuery
from tws_sim.requests import combinations, resolve
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.subscription import Subscription
from tws_sim.wire import errors
from tws_sim.wire.contracts import read_contract, read_legs
from tws_sim.wire.fields import FieldReader

# https://interactivebrokers.github.io/tws-api/tick_types.html
GENERIC_TICKS = {
    100: "Option Volume",
    101: "Option Open Interest",
    104: "Historical Volatility",
    105: "Average Option Volume",
    106: "Option Implied Volatility",
    162: "Index Future Premium",
    165: "Miscellaneous Stats",
    221: "Mark Price",
    225: "Auction Values",
    232: "Mark Price",
    233: "RTVolume",
    236: "Shortable",
    256: "Inventory",
    258: "Fundamental Ratios",
    292: "News",
    293: "Trade Count",
    294: "Trade Rate",
    295: "Volume Rate",
    318: "Last RTH Trade",
    375: "RT Trade Volume",
    411: "RT Historical Volatility",
    456: "IB Dividends",
    588: "Futures Open Interest",
    595: "Short-Term Volume",
}


_MARKET_DATA_TYPES = range(1, 5)


@handles(1)
async def request_market_data(session: Session, fields: FieldReader) -> None:
    """Open a line and send the contract's current state at once."""
    fields.skip()
    request_id = fields.integer()
    query = read_contract(fields)
    legs = read_legs(fields) if query.sec_type == "BAG" else []
    if fields.boolean():
        fields.skip(3)
    generic, snapshot = _generic_ticks(fields.string()), fields.boolean()
    refusal = _refusal(session, request_id, query, generic, snapshot)
    if refusal is not None:
        session.error(request_id, *refusal)
        return
    if query.sec_type == "BAG":
        combinations.begin(session, request_id, legs, snapshot=snapshot)
        return
    market = session.gateway.market
    item = market.listing.match(query)[0]
    until = (
        session.gateway.clock.monotonic() + session.gateway.settings.snapshot_seconds if snapshot else None
    )
    row = market.listing.rows[item.con_id]
    begin(session, Subscription(request_id, row, item, frozenset(generic or ()), until))


def _generic_ticks(wanted: str) -> set[int] | None:
    """The ids of a generic tick list; None where one is unknown."""
    names = {name.partition(":")[0].strip() for name in wanted.split(",")} - {"", "mdoff"}
    known = {str(number): number for number in GENERIC_TICKS}
    return {known[name] for name in names} if names <= known.keys() else None


def _refusal(
    session: Session, request_id: int, query: ContractQuery, generic: set[int] | None, snapshot: bool
) -> tuple[int, str] | None:
    """Error code and text for a request the gateway refuses before it opens a line."""
    if request_id in session.subscriptions or streams.Key(combinations.KIND, request_id) in session.streams:
        return errors.PROCESSING_ERROR, errors.processing("Duplicate ticker id")
    if generic is None:
        legal = ",".join(f"{number}({name})" for number, name in GENERIC_TICKS.items())
        cause = f"Incorrect generic tick list.  Legal ones are: {legal}"
        return errors.VALIDATION_ERROR, errors.validation(cause)
    if snapshot and generic:
        cause = "Snapshot market data subscription is not applicable to generic ticks"
        return errors.VALIDATION_ERROR, errors.validation(cause)
    return None if query.sec_type == "BAG" else resolve.refusal(session, query)


@handles(2)
async def cancel_market_data(session: Session, fields: FieldReader) -> None:
    """Free the request's line."""
    fields.skip()
    request_id = fields.integer()
    subscription = session.subscriptions.get(request_id)
    if streams.stop(session, streams.Key(combinations.KIND, request_id)):
        return
    if subscription is None:
        session.error(request_id, errors.TICKER_NOT_FOUND, errors.ticker_not_found(request_id))
        return
    session.unsubscribe(subscription)


@handles(59)
async def market_data_type(session: Session, fields: FieldReader) -> None:
    """Live, frozen or delayed data: it counts where live data cannot be had."""
    fields.skip()
    kind = fields.integer()
    if kind not in _MARKET_DATA_TYPES:
        session.error(-1, errors.VALIDATION_ERROR, errors.validation(f"Invalid market data type {kind}"))
        return
    session.market_data_type = kind
