"""Historical bars, trading schedules, and the updates of requests that are kept up to date."""

from tws_sim import streams
from tws_sim.market.bars import DAY_SECONDS, Bar, Duration
from tws_sim.market.instrument import Instrument
from tws_sim.pacing import MOST_AT_ONCE
from tws_sim.requests.bar_request import SCHEDULE, BarRequest, read_bar_request
from tws_sim.requests.dispatch import handles
from tws_sim.requests.past import Past, TooLongError
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, history
from tws_sim.wire.contracts import local_symbol
from tws_sim.wire.fields import FieldReader

_KIND = "history"


@handles(20)
async def request_historical_data(session: Session, fields: FieldReader) -> None:
    """Bars, a schedule, or the error the gateway has for the request."""
    request = read_bar_request(fields)
    problem = request.problem() or _pace(session, request)
    if problem is not None:
        session.error(request.request_id, *problem)
        return
    item = resolve(session, request.request_id, request.query)
    if item is None:
        return
    if request.what == SCHEDULE:
        _send_schedule(session, request, item)
    else:
        _send_bars(session, request, item)


def _pace(session: Session, request: BarRequest) -> tuple[int, str] | None:
    """Error code and text for a request that comes too soon."""
    gateway = session.gateway
    if streams.count(session, _KIND) >= MOST_AT_ONCE:
        cause = f"Only {MOST_AT_ONCE} simultaneous API historical data requests allowed."
        return errors.PROCESSING_ERROR, errors.processing(cause)
    if not request.is_small:
        return None
    query, now = request.query, gateway.clock.monotonic()
    whole = (query, request.end, request.size, request.duration, request.regular, request.what)
    weight = 2 if request.what == "BID_ASK" else 1
    if gateway.pacing.admit(now, whole, (query, request.what), weight):
        return None
    return errors.NO_HISTORY, errors.history("Historical data request pacing violation")


def _send_schedule(session: Session, request: BarRequest, item: Instrument) -> None:
    end, duration = request.ends(session.gateway.market.clock.now()), request.duration
    past = Past(session.gateway.market, item, "TRADES", request.regular)
    found = past.sessions(end, duration) if end and duration else []
    if found:
        session.send(history.schedule(request.request_id, found))
    else:
        _no_data(session, request, item)


def _send_bars(session: Session, request: BarRequest, item: Instrument) -> None:
    market = session.gateway.market
    end, duration, size = request.ends(market.clock.now()), request.duration, request.size
    past = Past(market, item, request.what, request.regular)
    try:
        found = past.bars(end, size, duration) if end and duration and size else []
    except TooLongError:
        session.error(request.request_id, errors.NO_HISTORY, errors.history("Time length exceed max."))
        return
    if not found or end is None or size is None:
        _no_data(session, request, item)
        return
    span = found[0].interval.start, end.timestamp()
    rows = [(_label(session, request, bar), bar) for bar in found]
    session.send(history.historical_data(session.version, request.request_id, span, rows))
    if request.keep_up_to_date:
        key = streams.Key(_KIND, request.request_id)
        streams.start(session, key, BarUpdates(session, request, past))


def _no_data(session: Session, request: BarRequest, item: Instrument) -> None:
    what = f"{local_symbol(item)}@{request.query.exchange} {request.what.capitalize()}"
    text = errors.history(f"HMDS query returned no data: {what}")
    session.error(request.request_id, errors.NO_HISTORY, text)


def _label(session: Session, request: BarRequest, bar: Bar) -> str:
    daily = (request.size or 0) >= DAY_SECONDS
    return history.bar_date(session.version, bar, daily=daily, in_seconds=request.in_seconds)


class BarUpdates(streams.Stream):
    """The newest bar, every five seconds of market time."""

    def __init__(self, session: Session, request: BarRequest, past: Past) -> None:
        super().__init__()
        self.item = past.item
        self._session = session
        self._request = request
        self._past = past

    def messages(self, now: float) -> list[bytes]:
        """The bar that is being formed; none outside trading hours."""
        size = self._request.size or 1
        duration = Duration(1, "D") if size >= DAY_SECONDS else Duration(size, "S")
        newest = self._past.bars(self._past.market.clock.now(), size, duration)[-1:]
        return [
            history.historical_update(
                self._request.request_id, _label(self._session, self._request, bar), bar
            )
            for bar in newest
        ]


@handles(25)
async def cancel_historical_data(session: Session, fields: FieldReader) -> None:
    """End the updates: error 162 confirms it; 366 where nothing runs under the id."""
    fields.skip()
    request_id = fields.integer()
    if streams.stop(session, streams.Key(_KIND, request_id)):
        text = errors.history(f"API historical data query cancelled: {request_id}")
        session.error(request_id, errors.NO_HISTORY, text)
    else:
        text = f"No historical data query found for ticker id:{request_id}"
        session.error(request_id, errors.HISTORY_NOT_FOUND, text)
