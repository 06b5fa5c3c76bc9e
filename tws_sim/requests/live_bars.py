"""Real-time bars of five seconds."""

from tws_sim import streams
from tws_sim.market.bars import Interval
from tws_sim.requests.dispatch import handles
from tws_sim.requests.past import Past
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, history
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader

_KIND = "bars"
_SECONDS = 5
_WHATS = {"TRADES", "MIDPOINT", "BID", "ASK"}


@handles(50)
async def request_realtime_bars(session: Session, fields: FieldReader) -> None:
    """Start a stream of bars; whatever size is asked for, a bar is five seconds long."""
    fields.skip()
    request_id, query = fields.integer(), read_contract(fields)
    fields.skip()
    what, regular = fields.string().upper(), fields.boolean()
    if what not in _WHATS:
        cause = errors.validation(f"Real-time bars what to show [{what}] is invalid")
        session.error(request_id, errors.VALIDATION_ERROR, cause)
        return
    item = resolve(session, request_id, query)
    if item is None:
        return
    past = Past(session.gateway.market, item, what, regular)
    if not past.exists:
        text = f"Requested market data is not subscribed. No {what} of {query.symbol}"
        session.error(request_id, errors.NOT_SUBSCRIBED, text)
        return
    streams.start(session, streams.Key(_KIND, request_id), RealTimeBars(request_id, past))


class RealTimeBars(streams.Stream):
    """The bar of the five seconds that have just passed."""

    interval = float(_SECONDS)

    def __init__(self, request_id: int, past: Past) -> None:
        super().__init__()
        self.item = past.item
        self._request_id = request_id
        self._past = past

    def messages(self, now: float) -> list[bytes]:
        """One bar; without volume where nothing traded."""
        end = now // _SECONDS * _SECONDS
        place = Interval(self._past.market.clock.now().date(), end - _SECONDS, end)
        return [history.realtime_bar(self._request_id, bar) for bar in self._past.quiet([place])]


@handles(51)
async def cancel_realtime_bars(session: Session, fields: FieldReader) -> None:
    """End the stream; error 300 for an unknown id."""
    fields.skip()
    request_id = fields.integer()
    if not streams.stop(session, streams.Key(_KIND, request_id)):
        session.error(request_id, errors.TICKER_NOT_FOUND, errors.ticker_not_found(request_id))
