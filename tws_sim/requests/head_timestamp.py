"""How far history reaches back, and how much traded at each price."""

import re
from collections import Counter

from tws_sim.market.bars import Duration
from tws_sim.requests.dispatch import handles
from tws_sim.requests.past import Past
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, history
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader

_PERIOD = re.compile(r"(\d{1,4}) (second|minute|hour|day|week|month|year)s?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_UNITS = {"day": "D", "week": "W", "month": "M", "year": "Y"}
_MINUTE, _HOUR = 60, 3600
_MOST_DAYS_BY_MINUTE = 5


@handles(87)
async def head_timestamp(session: Session, fields: FieldReader) -> None:
    """The opening of the first session there is data of."""
    request_id, query = fields.integer(), read_contract(fields)
    fields.skip()
    regular, what, date_format = fields.boolean(), fields.string().upper(), fields.integer()
    item = resolve(session, request_id, query)
    if item is None:
        return
    market = session.gateway.market
    past = Past(market, item, what, regular)
    sessions = past.sessions(market.clock.now(), Duration(100, "Y")) if past.exists else []
    if not sessions:
        text = errors.history(f"No head time stamp for {query.symbol} {what}")
        session.error(request_id, errors.NO_HISTORY, text)
        return
    opens = sessions[0].opens.timestamp()
    session.send(history.head_timestamp(session.version, request_id, opens, in_seconds=date_format == 2))


@handles(88)
async def histogram(session: Session, fields: FieldReader) -> None:
    """Volume by price over a period like ``3 days``, out of minute bars, or hourly ones for long periods."""
    request_id, query = fields.integer(), read_contract(fields)
    fields.skip()
    regular, period = fields.boolean(), _PERIOD.fullmatch(fields.string().strip().lower())
    if period is None or not int(period[1]):
        session.error(request_id, errors.VALIDATION_ERROR, errors.validation("Invalid time period"))
        return
    item = resolve(session, request_id, query)
    if item is None:
        return
    amount, unit = int(period[1]), period[2]
    duration = Duration(amount * _SECONDS[unit], "S") if unit in _SECONDS else Duration(amount, _UNITS[unit])
    is_short = duration.unit == "S" or (duration.unit == "D" and amount <= _MOST_DAYS_BY_MINUTE)
    past = Past(session.gateway.market, item, "TRADES", regular)
    limited = duration if duration.unit != "Y" else Duration(1, "Y")
    counts: Counter[float] = Counter()
    for bar in past.bars(session.gateway.market.clock.now(), _MINUTE if is_short else _HOUR, limited):
        counts[round(bar.close, 2)] += max(bar.volume, 1)
    session.send(history.histogram(request_id, dict(counts)))


async def _finished(session: Session, fields: FieldReader) -> None:
    """Answered at once: nothing is left to cancel."""


for _cancellation in (89, 90):
    handles(_cancellation)(_finished)
