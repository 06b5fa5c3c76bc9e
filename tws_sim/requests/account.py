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


def _begin(session: Session, kind: str, request_id: int, what: subscriptions.Subscription) -> None:
    """Send everything there is, and from now on what changes."""
    session.reports[streams.Key(kind, request_id)] = what
    session.send(*what.due(session.gateway.market.clock.now().timestamp()))


@handles(6)
async def account_updates(session: Session, fields: FieldReader) -> None:
    """Values, positions, the time, the end of the download; or no more of them."""
    fields.skip()
    if not fields.boolean():
        session.reports.pop(streams.Key("updates", 0), None)
        return
    _begin(session, "updates", 0, subscriptions.Updates(session.gateway))
    session.send(message(54, 1, session.gateway.settings.account))


@handles(76)
async def account_updates_multi(session: Session, fields: FieldReader) -> None:
    """Every value under a request id, then the end."""
    fields.skip()
    request_id, account = fields.integer(), session.gateway.settings.account

    def written(found: Value) -> bytes:
        return wire.value_multi(request_id, found, account)

    _begin(session, "values", request_id, subscriptions.Values(session.gateway, written))
    session.send(message(74, 1, request_id))


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

    _begin(session, "summary", request_id, subscriptions.Values(session.gateway, written, wanted))
    session.send(message(64, 1, request_id))


@handles(61)
async def positions(session: Session, fields: FieldReader) -> None:
    """Every position, then the end."""
    account = session.gateway.settings.account
    live = subscriptions.Positions(session.gateway, lambda held: wire.position(held, account))
    _begin(session, "positions", 0, live)
    session.send(message(62, 1))


@handles(74)
async def positions_multi(session: Session, fields: FieldReader) -> None:
    """Every position under a request id, then the end."""
    fields.skip()
    request_id, account = fields.integer(), session.gateway.settings.account
    live = subscriptions.Positions(
        session.gateway, lambda held: wire.position_multi(request_id, held, account)
    )
    _begin(session, "positions multi", request_id, live)
    session.send(message(72, 1, request_id))


@handles(92)
async def profit_and_loss(session: Session, fields: FieldReader) -> None:
    """The account's profit."""
    request_id, account = fields.integer(), session.gateway.account
    live = subscriptions.Figures(session.gateway, lambda: wire.profit(request_id, account.profit()))
    _begin(session, "profit", request_id, live)


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
    _begin(session, "profit of one", request_id, live)


@handles(64)
async def cancel_positions(session: Session, fields: FieldReader) -> None:
    """No more of them."""
    session.reports.pop(streams.Key("positions", 0), None)


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
