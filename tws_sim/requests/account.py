"""The account: its values, positions, profit and loss. What a client has asked for is kept up to date."""

from tws_sim import streams
from tws_sim.account import subscriptions
from tws_sim.account.values import Value
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import account as wire
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message

_UPDATES, _POSITIONS = (
    streams.Key("updates", 0),
    streams.Key("positions", 0),
)  # asked for again, they begin anew
_MOST = 100


def _begin(session: Session, key: streams.Key, live: subscriptions.Subscription, *end: bytes) -> None:
    """Send everything there is and the end, and from now on what changes; error 322 for an id in use."""
    problem = ""
    if key in session.reports and key not in {_UPDATES, _POSITIONS}:
        problem = "Duplicate ticker id"
    elif len(session.reports) >= _MOST:
        problem = "Maximum number of account requests exceeded"
    if problem:
        session.error(key.request_id, errors.PROCESSING_ERROR, errors.processing(problem))
        return
    session.reports[key] = live
    session.send(*live.due(session.gateway.market.clock.now().timestamp()), *end)


@handles(6)
async def account_updates(session: Session, fields: FieldReader) -> None:
    """Values, positions, the time, the end of the download; or no more of them."""
    fields.skip()
    if not fields.boolean():
        session.reports.pop(_UPDATES, None)
        return
    end = message(54, 1, session.gateway.settings.account)
    _begin(session, _UPDATES, subscriptions.Updates(session.gateway), end)


@handles(76)
async def account_updates_multi(session: Session, fields: FieldReader) -> None:
    """Every value under a request id, then the end."""
    fields.skip()
    request_id, account = fields.integer(), session.gateway.settings.account

    def written(found: Value) -> bytes:
        return wire.value_multi(request_id, found, account)

    live = subscriptions.Values(session.gateway, written)
    _begin(session, streams.Key("values", request_id), live, message(74, 1, request_id))


@handles(62)
async def account_summary(session: Session, fields: FieldReader) -> None:
    """The values that were asked for, or all of them for ``All``."""
    fields.skip()
    request_id, _group, tags = fields.integer(), fields.string(), set(fields.string().split(","))
    account = session.gateway.settings.account

    def written(found: Value) -> bytes:
        return wire.summary(request_id, found, account)

    def wanted(found: Value) -> bool:
        return found.currency != "BASE" and not tags.isdisjoint({found.tag, "All"})

    live = subscriptions.Values(session.gateway, written, wanted)
    _begin(session, streams.Key("summary", request_id), live, message(64, 1, request_id))


@handles(61)
async def positions(session: Session, fields: FieldReader) -> None:
    """Every position, then the end."""
    account = session.gateway.settings.account
    live = subscriptions.Positions(session.gateway, lambda held: wire.position(held, account))
    _begin(session, _POSITIONS, live, message(62, 1))


@handles(74)
async def positions_multi(session: Session, fields: FieldReader) -> None:
    """Every position under a request id, then the end."""
    fields.skip()
    request_id, account = fields.integer(), session.gateway.settings.account
    live = subscriptions.Positions(
        session.gateway, lambda held: wire.position_multi(request_id, held, account)
    )
    _begin(session, streams.Key("positions multi", request_id), live, message(72, 1, request_id))


@handles(92)
async def profit_and_loss(session: Session, fields: FieldReader) -> None:
    """The account's profit."""
    request_id, account = fields.integer(), session.gateway.account
    live = subscriptions.Figures(session.gateway, lambda: wire.profit(request_id, account.profit()))
    _begin(session, streams.Key("profit", request_id), live)


@handles(94)
async def profit_and_loss_single(session: Session, fields: FieldReader) -> None:
    """One contract's profit; error 321 for a contract that cannot be held."""
    request_id, account = fields.integer(), session.gateway.account
    fields.skip(2)
    con_id = fields.integer()
    try:
        account.position(con_id)
    except ValueError as problem:
        session.error(request_id, errors.VALIDATION_ERROR, errors.validation(str(problem)))
        return
    live = subscriptions.Figures(
        session.gateway, lambda: wire.profit_single(request_id, account.holding(con_id))
    )
    _begin(session, streams.Key("profit of one", request_id), live)


@handles(64)
async def cancel_positions(session: Session, fields: FieldReader) -> None:
    """No more of them."""
    session.reports.pop(_POSITIONS, None)


def _cancels(message_id: int, kind: str, *, versioned: bool) -> None:
    async def cancel(session: Session, fields: FieldReader) -> None:
        fields.skip(versioned)
        session.reports.pop(streams.Key(kind, fields.integer()), None)

    handles(message_id)(cancel)


_cancels(63, "summary", versioned=True)
_cancels(75, "positions multi", versioned=True)
_cancels(77, "values", versioned=True)
_cancels(93, "profit", versioned=False)
_cancels(95, "profit of one", versioned=False)
