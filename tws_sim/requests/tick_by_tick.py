"""Every trade, quote or mid price as it happens."""

from tws_sim import streams
from tws_sim.market.instrument import Instrument
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote
from tws_sim.requests.dispatch import handles
from tws_sim.requests.past import Past
from tws_sim.requests.past_ticks import KINDS, MOST_TICKS, exchange, ticks
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, single_ticks
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.single_ticks import BidAsk, MidPoint, Tick, Trade

_KIND = "tick by tick"
_NUMBERS = {"Last": 1, "AllLast": 2, "BidAsk": 3, "MidPoint": 4}
_WHATS = {"Last": "TRADES", "AllLast": "TRADES", "BidAsk": "BID_ASK", "MidPoint": "MIDPOINT"}
_LINES_PER_REQUEST = 20  # five requests with the hundred lines everybody has


@handles(97)
async def request_tick_by_tick(session: Session, fields: FieldReader) -> None:
    """Start a stream, after as many past ticks as were asked for."""
    request_id, query = fields.integer(), read_contract(fields)
    kind, count, ignore_size = fields.string(), fields.integer(), fields.boolean()
    problem = _problem(session, kind, count)
    if problem is not None:
        session.error(request_id, *problem)
        return
    item = resolve(session, request_id, query)
    if item is None:
        return
    market = session.gateway.market
    past = Past(market, item, _WHATS[kind], regular=False)
    if not past.exists:
        text = f"Failed to request tick-by-tick data:No {kind} of {query.symbol}"
        session.error(request_id, errors.NO_TICK_BY_TICK, text)
        return
    if count:
        found = ticks(past, None, market.clock.now(), count)
        session.send(single_ticks.historical(request_id, KINDS[past.what], found))
    stream = TickByTick(request_id, market, item, kind, ignore_size=ignore_size)
    streams.start(session, streams.Key(_KIND, request_id), stream)


def _problem(session: Session, kind: str, count: int) -> tuple[int, str] | None:
    if kind not in _NUMBERS:
        cause = f"Invalid tick-by-tick type: {kind}"
        return errors.VALIDATION_ERROR, errors.validation(cause)
    if not 0 <= count <= MOST_TICKS:
        return errors.NO_TICK_BY_TICK, "Failed to request tick-by-tick data:Invalid number of ticks"
    most = max(1, session.gateway.settings.lines // _LINES_PER_REQUEST)
    if streams.count(session, _KIND) >= most:
        return errors.MAX_TICK_BY_TICK, "Max number of tick-by-tick requests has been reached."
    return None


class TickByTick(streams.Stream):
    """Looks at the quote ten times a second of market time and sends what is new."""

    interval = 0.1

    def __init__(
        self, request_id: int, market: Market, item: Instrument, kind: str, *, ignore_size: bool
    ) -> None:
        super().__init__()
        self._request_id = request_id
        self._market = market
        self.item: Instrument = item
        self._kind = kind
        self._ignore_size = ignore_size
        self._row = market.listing.rows[item.con_id]
        self._sent: tuple[float, ...] | None = None

    def messages(self, now: float) -> list[bytes]:
        """The new tick, if there is one."""
        tick = self._tick(self._market.quotes([self._row])[0], int(now))
        if tick is None:
            return []
        state = tuple(value for value in tick[1:] if isinstance(value, int | float))
        if isinstance(tick, Trade):
            state = (tick.epoch, *state)
        if self._ignore_size and isinstance(tick, BidAsk):
            state = state[:2]
        if state == self._sent:
            return []
        self._sent = state
        return [single_ticks.live(self._request_id, _NUMBERS[self._kind], tick)]

    def _tick(self, quote: Quote, now: int) -> Tick | None:
        if _WHATS[self._kind] == "TRADES":
            trade = quote.trade
            return trade and Trade(trade.epoch, trade.price, trade.size, exchange(self.item))
        if quote.bid is None or quote.ask is None:
            return None
        if self._kind == "BidAsk":
            return BidAsk(now, quote.bid, quote.ask, quote.bid_size, quote.ask_size)
        return MidPoint(now, (quote.bid + quote.ask) / 2)


@handles(98)
async def cancel_tick_by_tick(session: Session, fields: FieldReader) -> None:
    """End the stream; error 300 for an unknown id."""
    request_id = fields.integer()
    if not streams.stop(session, streams.Key(_KIND, request_id)):
        session.error(request_id, errors.TICKER_NOT_FOUND, errors.ticker_not_found(request_id))
