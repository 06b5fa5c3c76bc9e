"""From a message's first field to its handler."""

import logging
from collections.abc import Awaitable, Callable

from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldError, FieldReader

log = logging.getLogger(__name__)

Handler = Callable[[Session, FieldReader], Awaitable[None]]

START_API = 71
_handlers: dict[int, Handler] = {}


def handles(message_id: int) -> Callable[[Handler], Handler]:
    """Register a handler for the requests with this message id."""

    def register(handler: Handler) -> Handler:
        if message_id in _handlers:
            raise ValueError(f"message {message_id} has two handlers")
        _handlers[message_id] = handler
        return handler

    return register


def registered() -> frozenset[int]:
    """Message ids that have a handler."""
    return frozenset(_handlers)


async def answer(session: Session, fields: FieldReader) -> None:
    """Answer one request; one that cannot be read gets error 320, as does an unknown one."""
    try:
        message_id = fields.integer()
        if session.client_id is None and message_id != START_API:
            session.error(-1, errors.READ_ERROR, errors.reading("startApi has to come first"))
            return
        handler = session.gateway.market.answers.get(message_id) or _handlers.get(message_id)
        if handler is None:
            session.error(-1, errors.READ_ERROR, errors.reading(f"Unknown message id {message_id}"))
            return
        await handler(session, fields)
    except FieldError as problem:
        session.error(-1, errors.READ_ERROR, errors.reading(f"Unable to parse: {problem}"))
    except TimeoutError:
        raise
    except Exception:  # a defect in one handler ends its client's connection, not everybody's
        log.exception("client %s: request failed", session.client_id)
        session.close()
