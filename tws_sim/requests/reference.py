"""Reference data: market rules, symbols that resemble a text, the exchanges behind a best price."""

from tws_sim.market.assets import Asset
from tws_sim.market.instrument import Share, sec_type
from tws_sim.market.listing import SHARE_EXCHANGES, exchanges
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.contracts import BBO_EXCHANGE
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

_MOST_SYMBOLS = 16
# Price increments by rule: from a price on, a step.
MARKET_RULES: dict[int, tuple[tuple[float, float], ...]] = {
    26: ((0, 0.01),),
    32: ((0, 0.05), (3, 0.1)),
    67: ((0, 0.25),),
    109: ((0, 0.01), (3, 0.05)),
    110: ((0, 0.05),),
    239: ((0, 0.00005),),
    635: ((0, 0.25),),
}
_EXCHANGE_LETTERS = "ABCDEFHIJKLMNPQTU"


@handles(91)
async def market_rule(session: Session, fields: FieldReader) -> None:
    """The price increments of a rule; error 321 for an unknown one."""
    rule = fields.integer()
    increments = MARKET_RULES.get(rule)
    if increments is None:
        session.error(-1, errors.VALIDATION_ERROR, errors.validation(f"Unknown market rule {rule}"))
        return
    steps = (f"{number:.10g}" for increment in increments for number in increment)
    session.send(message(93, rule, len(increments), *steps))


@handles(83)
async def smart_components(session: Session, fields: FieldReader) -> None:
    """The exchanges behind the best prices of shares, with their letters; none for another group."""
    request_id, group = fields.integer(), fields.string()
    names = SHARE_EXCHANGES.split(",")[1:] if group == BBO_EXCHANGE else []
    rows: list[Field] = [82, request_id, len(names)]
    for bit, name in enumerate(names):
        rows += [bit, name, _EXCHANGE_LETTERS[bit]]
    session.send(message(*rows))


@handles(81)
async def matching_symbols(session: Session, fields: FieldReader) -> None:
    """What is no option and whose symbol or name contains a text."""
    request_id, pattern = fields.integer(), fields.string().upper()
    listing = session.gateway.market.listing
    every: list[Share | Asset] = [*listing.shares.values(), *listing.assets]
    distinct = {(sec_type(item), item.symbol): item for item in reversed(every)}
    found = [item for item in distinct.values() if pattern in f"{item.symbol} {item.long_name.upper()}"]
    found = found[::-1][:_MOST_SYMBOLS]
    rows: list[Field] = [79, request_id, len(found)]
    for item in found:
        exchange = item.primary_exchange if isinstance(item, Share) else exchanges(item)
        derived = ["OPT"] if isinstance(item, Share) and listing.chains.get(item.symbol) else []
        rows += [item.con_id, item.symbol, sec_type(item), exchange, "USD", len(derived), *derived]
        if session.version >= 176:
            rows += [item.long_name, ""]
    session.send(message(*rows))
