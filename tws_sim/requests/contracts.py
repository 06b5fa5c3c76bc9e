"""Contract details and option parameters."""

from tws_sim.market.instrument import Option
from tws_sim.market.listing import OPTION_EXCHANGES, ContractQuery
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.contracts import contract_details, default_exchange, read_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import Field, message

_CHUNK = 64


@handles(9)
async def request_contract_details(session: Session, fields: FieldReader) -> None:
    """Every contract that fits the description, then the end; none: error 200."""
    fields.skip()
    request_id = fields.integer()
    query = read_contract(fields)
    market = session.gateway.market
    if not query.con_id and not query.sec_type:
        cause = errors.validation("Please enter a valid security type")
        session.error(request_id, errors.VALIDATION_ERROR, cause)
        return
    found = market.listing.match(query)
    if not found:
        session.error(request_id, errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)
        return
    now = market.clock.now()
    for number, item in enumerate(found, start=1):
        session.send(
            contract_details(
                session.version,
                request_id,
                item,
                exchange=query.exchange or default_exchange(item),
                calendar=market.calendar,
                now=now,
            )
        )
        if number % _CHUNK == 0:
            await session.drained()
    session.send(message(52, 1, request_id))


@handles(78)
async def request_option_parameters(session: Session, fields: FieldReader) -> None:
    """Expirations and strikes of an underlying, once per exchange that lists its options."""
    request_id, symbol = fields.integer(), fields.string()
    future_exchange, sec_type, con_id = fields.string(), fields.string(), fields.integer()
    listing = session.gateway.market.listing
    found = listing.match(ContractQuery(con_id=con_id, symbol=symbol, sec_type=sec_type))
    if not found or isinstance(found[0], Option) or found[0].symbol != symbol:
        session.error(request_id, errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)
        return
    chain = [] if future_exchange else listing.chains.get(symbol, [])
    if chain:
        expirations = sorted({f"{item.last_trade:%Y%m%d}" for item in chain})
        strikes = sorted({item.strike for item in chain})
        tail: list[Field] = [
            symbol,
            chain[0].multiplier,
            len(expirations),
            *expirations,
            len(strikes),
            *strikes,
        ]
        for exchange in OPTION_EXCHANGES.split(","):
            session.send(message(75, request_id, exchange, found[0].con_id, *tail))
            await session.drained()
    session.send(message(76, request_id))
