"""Reference data: market rules, symbols that resemble a text."""

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.contracts import MIN_TICK
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

MARKET_RULE = 26
_MOST_SYMBOLS = 16


@handles(91)
async def market_rule(session: Session, fields: FieldReader) -> None:
    """Rule 26, a cent at every price; no other is in use here."""
    rule = fields.integer()
    if rule != MARKET_RULE:
        session.error(-1, errors.VALIDATION_ERROR, errors.validation(f"Unknown market rule {rule}"))
        return
    session.send(message(93, rule, 1, 0, MIN_TICK))


@handles(81)
async def matching_symbols(session: Session, fields: FieldReader) -> None:
    """Shares whose symbol or name starts with a text."""
    request_id, pattern = fields.integer(), fields.string().upper()
    shares = session.gateway.market.listing.shares.values()
    found = [item for item in shares if pattern in f"{item.symbol} {item.long_name.upper()}"]
    rows: list[Field] = [79, request_id, len(found[:_MOST_SYMBOLS])]
    for item in found[:_MOST_SYMBOLS]:
        rows += [item.con_id, item.symbol, "STK", item.primary_exchange, "USD", 1, "OPT"]
        if session.version >= 176:
            rows += [item.long_name, ""]
    session.send(message(*rows))
