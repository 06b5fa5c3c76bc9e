"""Start of a session, ids, accounts, time."""

from tws_sim.requests.dispatch import START_API, handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message


@handles(START_API)
async def start_api(session: Session, fields: FieldReader) -> None:
    """Bind the connection to a client id; a second client with that id is turned away (error 326)."""
    fields.skip()
    client_id = fields.integer()
    if session.client_id is not None:
        return
    if not session.gateway.claim(client_id):
        session.error(-1, errors.CLIENT_ID_IN_USE, errors.CLIENT_ID_TEXT)
        session.close()
        return
    session.bind(client_id)
    session.send(message(15, 1, session.gateway.settings.account))
    session.send(message(9, 1, session.gateway.next_order_id))
    session.started()


@handles(8)
async def request_ids(session: Session, fields: FieldReader) -> None:
    """The next order id; how many are asked for is ignored, as the gateway does."""
    session.send(message(9, 1, session.gateway.next_order_id))


@handles(17)
async def managed_accounts(session: Session, fields: FieldReader) -> None:
    """The accounts of the login."""
    session.send(message(15, 1, session.gateway.settings.account))


@handles(49)
async def current_time(session: Session, fields: FieldReader) -> None:
    """The market's time in whole seconds since 1970."""
    session.send(message(49, 1, int(session.gateway.market.clock.now().timestamp())))


@handles(14)
async def server_log_level(session: Session, fields: FieldReader) -> None:
    """Accepted without an answer."""


@handles(104)
async def user_info(session: Session, fields: FieldReader) -> None:
    """The white branding id, empty for a login of IB's own."""
    session.send(message(107, fields.integer(), ""))
