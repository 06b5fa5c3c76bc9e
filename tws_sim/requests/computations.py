"""Option prices and volatilities that a client asks to have computed."""

import numpy as np

from tws_sim.market import black
from tws_sim.market.instrument import Option
from tws_sim.market.quote import Model
from tws_sim.requests.dispatch import handles
from tws_sim.requests.resolve import resolve
from tws_sim.session import Session
from tws_sim.wire import errors, ticks
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader

_YEAR_SECONDS = 365.0 * 86400
_HIGHEST = 1e7


@handles(54)
async def implied_volatility(session: Session, fields: FieldReader) -> None:
    """The volatility that explains a price at a price of the underlying."""
    await _compute(session, fields, from_price=True)


@handles(55)
async def option_price(session: Session, fields: FieldReader) -> None:
    """The price at a volatility and a price of the underlying."""
    await _compute(session, fields, from_price=False)


async def _compute(session: Session, fields: FieldReader, *, from_price: bool) -> None:
    fields.skip()
    request_id, query = fields.integer(), read_contract(fields)
    given, spot = fields.number(), fields.number()
    item = resolve(session, request_id, query)
    if item is None:
        return
    if not isinstance(item, Option) or not 0 < given < _HIGHEST or not 0 < spot < _HIGHEST:
        cause = errors.validation("Option computation needs an option and positive figures")
        session.error(request_id, errors.VALIDATION_ERROR, cause)
        return
    found = _model(session, item, given, spot, from_price=from_price)
    session.send(ticks.computation(request_id, ticks.CUSTOM_OPTION, found or ticks.NOT_COMPUTED))


def _model(session: Session, item: Option, given: float, spot: float, *, from_price: bool) -> Model | None:
    """Figures on the forward that the market's dividends and rate imply; None without a solution."""
    market = session.gateway.market
    quote = market.quotes([market.listing.rows[item.con_id]])[0]
    dividends = quote.model.pv_dividend if quote.model else 0.0
    closes = market.calendar.close(item.last_trade)
    years = np.array([max((closes - market.clock.now()).total_seconds(), 0.0) / _YEAR_SECONDS])
    forward = np.maximum((spot - dividends) * np.exp(market.rate * years), 1e-6)
    sign = np.array([1.0 if item.right == "C" else -1.0])
    terms = black.Terms(forward, np.array([item.strike]), years, sign, market.rate)
    volatility = black.implied_volatility(terms, np.array([given])) if from_price else np.array([given])
    if not years[0] or not np.isfinite(volatility[0]):
        return None
    found = black.figures(terms, spot, volatility)
    price, delta, gamma, vega, theta = (float(column[0]) for column in found)
    return Model(float(volatility[0]), delta, price, dividends, gamma, vega, theta, spot)


async def _finished(session: Session, fields: FieldReader) -> None:
    """Answered at once: nothing is left to cancel."""


for _cancellation in (56, 57):
    handles(_cancellation)(_finished)
