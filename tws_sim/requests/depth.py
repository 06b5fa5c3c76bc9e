"""Market depth: a book around the best bid and ask."""

from typing import NamedTuple

import numpy as np

from tws_sim import streams
from tws_sim.market.assets import Asset
from tws_sim.market.instrument import Instrument, Option, Share, min_tick
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote
from tws_sim.market.track import noise
from tws_sim.requests.dispatch import handles
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

_KIND = "depth"
_MOST = 3  # what everybody has; the real number grows with the market data lines
_MOST_ROWS = 20
_INSERT, _UPDATE, _DELETE = 0, 1, 2
_ASK, _BID = 0, 1
# Exchange, security type, kind of service; a group of 2147483647 is none.
EXCHANGES = (
    ("ARCA", "STK", "Deep2"),
    ("BATS", "STK", "Deep2"),
    ("ISLAND", "STK", "Deep2"),
    ("NASDAQ", "STK", "Deep2"),
    ("NYSE", "STK", "Deep2"),
    ("CBOE", "OPT", "Deep"),
    ("ISE", "OPT", "Deep"),
    ("CME", "FUT", "Deep"),
    ("IDEALPRO", "CASH", "Deep"),
    ("PAXOS", "CRYPTO", "Deep"),
)
_NO_GROUP = 2147483647
_SHARE_MAKERS = ("NSDQ", "ARCA", "BATS", "EDGX", "NYSE", "IEX")


class Level(NamedTuple):
    """One price of one side."""

    maker: str
    price: float
    size: int


@handles(10)
async def request_depth(session: Session, fields: FieldReader) -> None:
    """Start a stream of a book of so many rows; SMART has one for shares if smart depth is asked for."""
    fields.skip()
    request_id, query = fields.integer(), read_contract(fields)
    rows, smart = fields.integer(), fields.boolean()
    item = resolve(session, request_id, query)
    if item is None:
        return
    if not 0 < rows <= _MOST_ROWS or not _is_deep(item, query.exchange, smart=smart):
        text = "Deep market data is not supported for this combination of security type/exchange"
        session.error(request_id, errors.DEPTH_UNSUPPORTED, text)
        return
    if streams.count(session, _KIND) >= _MOST:
        text = f"Max number ({_MOST}) of market depth requests has been reached"
        session.error(request_id, errors.MAX_DEPTHS, text)
        return
    streams.start(
        session,
        streams.Key(_KIND, request_id),
        Depth(request_id, session.gateway.market, item, rows, smart=smart),
    )


def _is_deep(item: Instrument, exchange: str, *, smart: bool) -> bool:
    if isinstance(item, Asset):
        return item.is_quoted
    return smart and isinstance(item, Share) if exchange == "SMART" else True


@handles(11)
async def cancel_depth(session: Session, fields: FieldReader) -> None:
    """End the stream; error 310 for an unknown id."""
    fields.skip()
    request_id = fields.integer()
    if not streams.stop(session, streams.Key(_KIND, request_id)):
        text = f"Can't find the subscribed market depth with tickerId:{request_id}"
        session.error(request_id, errors.DEPTH_NOT_FOUND, text)


@handles(82)
async def depth_exchanges(session: Session, fields: FieldReader) -> None:
    """Exchanges with a book."""
    rows: list[Field] = [80, len(EXCHANGES)]
    for exchange, kind, service in EXCHANGES:
        rows += [exchange, kind, "", service, _NO_GROUP]
    session.send(message(*rows))


class Depth(streams.Stream):
    """Inserts the whole book at first; then updates, inserts and deletes what changed, row by row."""

    interval = 0.25

    def __init__(self, request_id: int, market: Market, item: Instrument, rows: int, *, smart: bool) -> None:
        super().__init__()
        self._request_id = request_id
        self._market = market
        self.item: Instrument = item
        self._rows = rows
        self._smart = smart
        self._row = market.listing.rows[item.con_id]
        self._sent: dict[int, list[Level]] = {_ASK: [], _BID: []}

    def messages(self, now: float) -> list[bytes]:
        """The operations that take the client's book to the present one."""
        quote = self._market.quotes([self._row])[0]
        found: list[bytes] = []
        for side in (_ASK, _BID):
            book = levels(self.item, quote, self._rows, is_bid=side == _BID)
            found += self._operations(side, self._sent[side], book)
            self._sent[side] = book
        return found

    def _operations(self, side: int, old: list[Level], new: list[Level]) -> list[bytes]:
        changed = [
            self._message(place, _UPDATE if place < len(old) else _INSERT, side, level)
            for place, level in enumerate(new)
            if place >= len(old) or level != old[place]
        ]
        gone = range(len(old) - 1, len(new) - 1, -1)
        return changed + [self._message(place, _DELETE, side, old[place]._replace(size=0)) for place in gone]

    def _message(self, place: int, operation: int, side: int, level: Level) -> bytes:
        price = f"{level.price:.10g}"
        if not level.maker:
            return message(12, 1, self._request_id, place, operation, side, price, level.size)
        head: list[Field] = [13, 1, self._request_id, place, level.maker, operation, side]
        return message(*head, price, level.size, self._smart)


def levels(item: Instrument, quote: Quote, rows: int, *, is_bid: bool) -> list[Level]:
    """Rows of one side, best first: a tick apart, larger further out; the first is the quote's own."""
    best, size = (quote.bid, quote.bid_size) if is_bid else (quote.ask, quote.ask_size)
    if best is None:
        return []
    step = min_tick(item) * (1 if not isinstance(item, Option) else 5)
    prices = [round(best + place * step * (-1 if is_bid else 1), 6) for place in range(rows)]
    extra = noise(np.round(np.array(prices) / step).astype(np.int64), item.con_id).tolist()
    lot = 100 if isinstance(item, Share) else 1
    makers = _SHARE_MAKERS if isinstance(item, Share) else ("",)
    return [
        Level(
            makers[place % len(makers)],
            price,
            size if not place else lot * (1 + int(extra[place] * 9 * (place + 1))),
        )
        for place, price in enumerate(prices)
        if price > 0
    ]
