"""Market data of combinations: a quote out of those of the legs."""

from collections.abc import Sequence

from tws_sim import streams
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote
from tws_sim.orders.product import MOST_LEGS, Part, weighted
from tws_sim.orders.refusal import RefusedError
from tws_sim.session import Session
from tws_sim.wire import errors, ticks
from tws_sim.wire.contracts import BBO_EXCHANGE, MIN_TICK, SNAPSHOT_PERMISSIONS, Leg

KIND = "market data"


def placed(market: Market, legs: list[Leg]) -> tuple[Part, ...] | None:
    """The legs in the market; None where one is unknown, or says neither BUY nor SELL, or nothing."""
    listing = market.listing
    signs = {"BUY": 1, "SELL": -1}
    if not 0 < len(legs) <= MOST_LEGS or any(
        leg.con_id not in listing.rows or leg.action.upper() not in signs or leg.ratio <= 0 for leg in legs
    ):
        return None
    rows = [listing.rows[leg.con_id] for leg in legs]
    return weighted(
        [
            Part(row, listing.instruments[row], leg.ratio * signs[leg.action.upper()], 0)
            for row, leg in zip(rows, legs, strict=True)
        ]
    )


def combined(legs: Sequence[Part], quotes: list[Quote]) -> Quote:
    """Bid: what selling the combination brings; ask: what buying it costs; sizes of the scarcest leg."""
    bid: float | None = 0.0
    ask: float | None = 0.0
    bid_sizes, ask_sizes = [], []
    for leg, quote in zip(legs, quotes, strict=True):
        near, far = (quote.bid, quote.ask) if leg.ratio > 0 else (quote.ask, quote.bid)
        near_size, far_size = (
            (quote.bid_size, quote.ask_size) if leg.ratio > 0 else (quote.ask_size, quote.bid_size)
        )
        bid = None if bid is None or near is None else bid + leg.weight * near
        ask = None if ask is None or far is None else ask + leg.weight * far
        bid_sizes.append(near_size // abs(leg.ratio))
        ask_sizes.append(far_size // abs(leg.ratio))
    return Quote(_cents(bid), min(bid_sizes), _cents(ask), min(ask_sizes))


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def begin(session: Session, request_id: int, legs: list[Leg], *, snapshot: bool) -> None:
    """Open a line and send the combination's quote at once; error 200 where a leg is unknown."""
    market = session.gateway.market
    try:
        found = placed(market, legs)
    except RefusedError as problem:
        session.error(request_id, problem.code, problem.text)
        return
    if found is None:
        session.error(request_id, errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)
        return
    stream = Combination(request_id, market, found)
    key = streams.Key(KIND, request_id)
    if not streams.start(session, key, stream):
        session.error(request_id, errors.MAX_TICKERS, errors.MAX_TICKERS_TEXT)
        return
    session.send(ticks.request_parameters(request_id, MIN_TICK, BBO_EXCHANGE, SNAPSHOT_PERMISSIONS))
    session.send(ticks.market_data_type(request_id, 1))
    session.send(*stream.due(market.clock.now().timestamp()))
    if snapshot:
        streams.stop(session, key)
        session.send(ticks.snapshot_end(request_id))


class Combination(streams.Stream):
    """The combination's bid and ask when they have changed, ten times a second of market time at most."""

    interval = 0.1
    takes_line = True

    def __init__(self, request_id: int, market: Market, legs: Sequence[Part]) -> None:
        super().__init__()
        self._request_id = request_id
        self._market = market
        self._legs = legs
        self._sent: Quote | None = None

    def messages(self, now: float) -> list[bytes]:
        """A price tick for each side that has changed; a side without a price is -1 with size 0."""
        quote = combined(self._legs, self._market.quotes([leg.row for leg in self._legs]))
        before, self._sent = self._sent, quote
        found = []
        if before is None or (quote.bid, quote.bid_size) != (before.bid, before.bid_size):
            found.append(_side(self._request_id, ticks.LIVE_TYPES.bid, quote.bid, quote.bid_size))
        if before is None or (quote.ask, quote.ask_size) != (before.ask, before.ask_size):
            found.append(_side(self._request_id, ticks.LIVE_TYPES.ask, quote.ask, quote.ask_size))
        return found


def _side(request_id: int, tick_type: int, value: float | None, size: int) -> bytes:
    missing = value is None
    return ticks.price(request_id, tick_type, -1.0 if value is None else value, 0 if missing else size)
