"""Historical ticks: trades, quotes or mid prices, second by second."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from tws_sim.market.bars import Duration
from tws_sim.market.instrument import Instrument, Option, Share
from tws_sim.market.listing import exchanges
from tws_sim.market.market import Floats, Market
from tws_sim.market.track import noise
from tws_sim.requests.dispatch import handles
from tws_sim.requests.past import Past
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, single_ticks
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.history import read_time
from tws_sim.wire.single_ticks import BidAsk, MidPoint, Tick, Trade

KINDS: dict[str, type[Tick]] = {"TRADES": Trade, "BID_ASK": BidAsk, "MIDPOINT": MidPoint}
MOST_TICKS = 1000
_SESSIONS_SEARCHED = 3


@handles(96)
async def request_historical_ticks(session: Session, fields: FieldReader) -> None:
    """Up to a thousand ticks from a start on or up to an end."""
    request_id, query = fields.integer(), read_contract(fields)
    fields.skip()
    start, end, count = fields.string(), fields.string(), fields.integer()
    what, regular = fields.string().upper(), fields.boolean()
    times = [read_time(text) if text else None for text in (start, end)]
    problem = _problem(start, end, times, count, what)
    if problem is not None:
        session.error(request_id, *problem)
        return
    item = resolve(session, request_id, query)
    if item is None:
        return
    past = Past(session.gateway.market, item, what, regular)
    found = ticks(past, times[0], times[1], count) if past.exists else []
    session.send(single_ticks.historical(request_id, KINDS[what], found))


def _problem(
    start: str, end: str, times: list[datetime | None], count: int, what: str
) -> tuple[int, str] | None:
    failed = "Failed to request historical ticks:"
    if bool(start) == bool(end):
        return errors.NO_PAST_TICKS, f"{failed}Please specify exactly one of start and end time"
    if not any(times):
        return errors.INVALID_TIME, errors.INVALID_TIME_TEXT
    if not 0 < count <= MOST_TICKS:
        return errors.NO_PAST_TICKS, f"{failed}No. of ticks must be between 1 and {MOST_TICKS}"
    if what not in KINDS:
        return errors.NO_PAST_TICKS, f"{failed}Invalid what to show {what}"
    return None


def ticks(past: Past, start: datetime | None, end: datetime | None, count: int) -> list[Tick]:
    """At most ``count`` ticks, oldest first: the first from ``start`` on or the last before ``end``."""
    found: list[Tick] = []
    for seconds in _seconds(past, start, end):
        fresh = _changes(past.market, past.item, past.what, seconds)
        found = found + fresh if start else fresh + found
        if len(found) >= count:
            break
    return found[:count] if start else found[-count:]


def _seconds(past: Past, start: datetime | None, end: datetime | None) -> Iterator[Floats]:
    """Whole seconds of a few sessions, those next to the start or end first."""
    now = past.market.clock.now()
    wanted = end if end else start + timedelta(days=7) if start else now
    latest = min(wanted, now)
    sessions = past.sessions(latest, Duration(8 if start else _SESSIONS_SEARCHED, "D"))
    earliest = start.timestamp() if start else 0.0
    ordered = sessions if start else sessions[::-1]
    for one in ordered:
        opens, closes = max(one.opens.timestamp(), earliest), min(one.closes, latest).timestamp()
        if opens < closes:
            yield np.arange(np.ceil(opens), closes)


def _changes(market: Market, item: Instrument, what: str, epochs: Floats) -> list[Tick]:
    """A tick at every second at which a price differs from the second before."""
    row = market.listing.rows[item.con_id]
    if what == "BID_ASK":
        columns = [market.prices(row, "BID", epochs), market.prices(row, "ASK", epochs)]
    else:
        columns = [market.prices(row, "TRADES" if what == "TRADES" else "MIDPOINT", epochs)]
    table = np.column_stack([epochs, *columns])
    changed = np.any(np.diff(table[:, 1:], axis=0, prepend=np.nan) != 0, axis=1)
    known = np.all(np.isfinite(table), axis=1)
    return [_tick(item, what, row, *line) for line in table[changed & known].tolist()]


def _tick(item: Instrument, what: str, row: int, epoch: float, *prices: float) -> Tick:
    first, second = (1 + int(10 * size) for size in noise(np.array([2 * epoch, 2 * epoch + 1]), row).tolist())
    lot = 100 if isinstance(item, Share) else 1
    if what == "TRADES":
        return Trade(int(epoch), prices[0], first * lot, exchange(item))
    if what == "BID_ASK":
        return BidAsk(int(epoch), prices[0], prices[1], first * lot, second * lot)
    return MidPoint(int(epoch), prices[0])


def exchange(item: Instrument) -> str:
    """Where a single trade is said to have happened."""
    if isinstance(item, Share):
        return item.primary_exchange
    return "CBOE" if isinstance(item, Option) else exchanges(item)
