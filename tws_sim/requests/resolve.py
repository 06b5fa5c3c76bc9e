"""From a client's description to the one contract it means."""

from tws_sim.market.instrument import Instrument
from tws_sim.market.listing import ContractQuery
from tws_sim.session import Session
from tws_sim.wire import errors

Refusal = tuple[int, str]


def refusal(session: Session, query: ContractQuery) -> Refusal | None:
    """Error code and text where a description names no exchange or not exactly one contract."""
    if not query.exchange:
        return errors.VALIDATION_ERROR, errors.validation("Please enter exchange")
    found = session.gateway.market.listing.match(query)
    if len(found) > 1:
        text = f"The contract description specified for {query.symbol} is ambiguous."
        return errors.NO_SUCH_CONTRACT, text
    return None if found else (errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)


def resolve(session: Session, request_id: int, query: ContractQuery) -> Instrument | None:
    """The contract; None once the client has been told why there is none."""
    problem = refusal(session, query)
    if problem is not None:
        session.error(request_id, *problem)
        return None
    return session.gateway.market.listing.match(query)[0]
