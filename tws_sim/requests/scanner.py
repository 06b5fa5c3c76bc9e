"""Scans of the market's shares."""

from collections.abc import Callable
from importlib import resources

from tws_sim import streams
from tws_sim.market.instrument import Share
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.contracts import short_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

_KIND = "scan"
_MOST = 10
_MOST_ROWS = 50
_UNSET = 2147483647
_LOCATIONS = ("STK.US", "STK.US.MAJOR", "STK.NASDAQ", "STK.NYSE", "STK.ARCA")


def _change(quote: Quote) -> float:
    last = quote.trade.price if quote.trade else None
    return (last / quote.close - 1) if last and quote.close else 0.0


def _volume(quote: Quote) -> float:
    return float(quote.trade.volume) if quote.trade else 0.0


def _implied(quote: Quote) -> float:
    return (quote.share.implied_volatility or 0.0) if quote.share else 0.0


def _option_volume(quote: Quote) -> float:
    return float(quote.share.call_volume + quote.share.put_volume) if quote.share else 0.0


def _put_call(quote: Quote) -> float:
    return quote.share.put_volume / max(quote.share.call_volume, 1) if quote.share else 0.0


# What a scan sorts by, the largest first.
SCANS: dict[str, Callable[[Quote], float]] = {
    "TOP_PERC_GAIN": _change,
    "TOP_PERC_LOSE": lambda quote: -_change(quote),
    "MOST_ACTIVE": _volume,
    "HOT_BY_VOLUME": _volume,
    "MOST_ACTIVE_USD": lambda quote: _volume(quote) * (quote.mark or 0.0),
    "HIGH_OPT_IMP_VOLAT": _implied,
    "LOW_OPT_IMP_VOLAT": lambda quote: -_implied(quote),
    "OPT_VOLUME_MOST_ACTIVE": _option_volume,
    "HIGH_OPT_VOLUME_PUT_CALL_RATIO": _put_call,
    "LOW_OPT_VOLUME_PUT_CALL_RATIO": lambda quote: -_put_call(quote),
}


@handles(24)
async def parameters(session: Session, fields: FieldReader) -> None:
    """The scans, instruments and locations there are, as XML."""
    text = resources.files("tws_sim.requests").joinpath("scanner_parameters.xml").read_text()
    session.send(message(19, 1, text))


@handles(22)
async def subscribe(session: Session, fields: FieldReader) -> None:
    """Start a scan: its result at once and every thirty seconds."""
    request_id, rows = fields.integer(), fields.integer()
    instrument, location, code = fields.string(), fields.string(), fields.string()
    low, high, volume = _bound(fields), _bound(fields), _bound(fields)
    problem = _problem(session, instrument, location, code)
    if problem is not None:
        session.error(request_id, *problem)
        return
    limit = min(rows if rows > 0 else _MOST_ROWS, _MOST_ROWS)
    scan = Scan(request_id, session.gateway.market, SCANS[code], limit, (low, high, volume))
    streams.start(session, streams.Key(_KIND, request_id), scan)


def _bound(fields: FieldReader) -> float | None:
    """A bound of a scan; the largest number there is and an empty field mean none."""
    value = fields.number()
    return value if 0 < value < _UNSET else None


def _problem(session: Session, instrument: str, location: str, code: str) -> tuple[int, str] | None:
    if instrument not in {"STK", "ETF.EQ.US"} or location not in _LOCATIONS:
        return errors.NO_HISTORY, errors.history(f"Invalid scan location {instrument} {location}")
    if code not in SCANS:
        return errors.NO_HISTORY, errors.history(f"Unknown scan code {code}")
    if streams.count(session, _KIND) >= _MOST:
        text = f"Only {_MOST} simultaneous API scanner subscriptions allowed."
        return errors.NO_HISTORY, errors.history(text)
    return None


@handles(23)
async def unsubscribe(session: Session, fields: FieldReader) -> None:
    """End a scan: error 162 confirms it; 365 for an unknown id."""
    fields.skip()
    request_id = fields.integer()
    if streams.stop(session, streams.Key(_KIND, request_id)):
        text = errors.history(f"API scanner subscription cancelled: {request_id}")
        session.error(request_id, errors.NO_HISTORY, text)
    else:
        text = f"No scanner subscription found for ticker id:{request_id}"
        session.error(request_id, errors.SCAN_NOT_FOUND, text)


class Scan(streams.Stream):
    """The market's shares in the order of one figure."""

    interval = 30.0

    def __init__(
        self,
        request_id: int,
        market: Market,
        figure: Callable[[Quote], float],
        limit: int,
        bounds: tuple[float | None, float | None, float | None],
    ) -> None:
        super().__init__()
        self._request_id = request_id
        self._market = market
        self._figure = figure
        self._limit = limit
        self._bounds = bounds

    def messages(self, now: float) -> list[bytes]:
        """The ranking of this instant."""
        shares = list(self._market.listing.shares.values())
        quotes = self._market.quotes([self._market.listing.rows[item.con_id] for item in shares])
        passing = [pair for pair in zip(shares, quotes, strict=True) if self._passes(pair[1])]
        passing.sort(key=lambda pair: self._figure(pair[1]), reverse=True)
        return [self._result([item for item, _ in passing[: self._limit]])]

    def _passes(self, quote: Quote) -> bool:
        above, below, volume = self._bounds
        price = quote.mark or 0.0
        return (
            (above is None or price >= above)
            and (below is None or price <= below)
            and (volume is None or _volume(quote) >= volume)
        )

    def _result(self, items: list[Share]) -> bytes:
        fields: list[Field] = [20, 3, self._request_id, len(items)]
        for rank, item in enumerate(items):
            fields += [rank, *short_contract(item, "SMART"), "", "", "", ""]
        return message(*fields)
