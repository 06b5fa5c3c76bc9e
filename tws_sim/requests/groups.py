"""What TWS's windows, families of accounts and brokers' arrangements are asked for."""

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message

_GROUPS = "1|2|3|4|5|6|7"
_EMPTY_GROUP = "none"


@handles(67)
async def display_groups(session: Session, fields: FieldReader) -> None:
    """The seven groups of windows TWS knows."""
    fields.skip()
    session.send(message(67, 1, fields.integer(), _GROUPS))


@handles(68)
async def subscribe_to_group(session: Session, fields: FieldReader) -> None:
    """A group shows nothing: there are no windows."""
    fields.skip()
    request_id, group = fields.integer(), fields.string()
    if group not in _GROUPS.split("|"):
        session.error(request_id, errors.VALIDATION_ERROR, errors.validation(f"Invalid group {group}"))
        return
    session.send(message(68, 1, request_id, _EMPTY_GROUP))


@handles(69)
async def update_group(session: Session, fields: FieldReader) -> None:
    """The group shows what its client says."""
    fields.skip()
    session.send(message(68, 1, fields.integer(), fields.string()))


@handles(70)
async def unsubscribe_from_group(session: Session, fields: FieldReader) -> None:
    """Accepted without an answer."""


@handles(79)
async def soft_dollar_tiers(session: Session, fields: FieldReader) -> None:
    """No tiers."""
    session.send(message(77, fields.integer(), 0))


@handles(80)
async def family_codes(session: Session, fields: FieldReader) -> None:
    """The account belongs to no family."""
    session.send(message(78, 1, session.gateway.settings.account, ""))


@handles(18)
async def advisor_data(session: Session, fields: FieldReader) -> None:
    """Error 321: the account is no advisor's."""
    session.error(-1, errors.VALIDATION_ERROR, errors.validation(errors.NO_ADVISOR))


@handles(19)
async def replace_advisor_data(session: Session, fields: FieldReader) -> None:
    """Error 321: the account is no advisor's."""
    fields.skip(3)
    request_id = -1 if fields.exhausted else fields.integer()
    session.error(request_id, errors.VALIDATION_ERROR, errors.validation(errors.NO_ADVISOR))


async def _verification(session: Session, fields: FieldReader) -> None:
    """Error 321: clients are verified for IB's own partners only."""
    cause = errors.validation("Intent to authenticate needs to be expressed during initial connect request.")
    session.error(-1, errors.VALIDATION_ERROR, cause)


for _request in (65, 66, 72, 73):
    handles(_request)(_verification)
