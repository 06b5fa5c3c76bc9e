"""News, fundamentals and corporate events: what everybody has, and the errors of what is not subscribed."""

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message

PROVIDERS = {
    "BRFG": "Briefing.com General Market Columns",
    "BRFUPDN": "Briefing.com Analyst Actions",
    "DJNL": "Dow Jones Newsletters",
}


@handles(85)
async def providers(session: Session, fields: FieldReader) -> None:
    """The three providers that come with every account."""
    pairs = (text for pair in PROVIDERS.items() for text in pair)
    session.send(message(85, len(PROVIDERS), *pairs))


@handles(86)
async def headlines(session: Session, fields: FieldReader) -> None:
    """The end of an empty list; error 321 for a provider that is not subscribed."""
    request_id = fields.integer()
    fields.skip()
    unknown = sorted(set(filter(None, fields.string().split("+"))) - PROVIDERS.keys())
    if unknown:
        cause = errors.validation(f"Not subscribed to news provider {', '.join(unknown)}")
        session.error(request_id, errors.VALIDATION_ERROR, cause)
        return
    session.send(message(87, request_id, 0))


@handles(84)
async def article(session: Session, fields: FieldReader) -> None:
    """Error 10172: there is no such article."""
    text = "Failed to request news article:No such article"
    session.error(fields.integer(), errors.NO_NEWS_ARTICLE, text)


@handles(12)
async def bulletins(session: Session, fields: FieldReader) -> None:
    """Accepted: the exchanges have announced nothing."""


@handles(52)
async def fundamentals(session: Session, fields: FieldReader) -> None:
    """Error 430: not subscribed."""
    fields.skip()
    text = "We are sorry, but fundamentals data for the security specified is not available.Not allowed"
    session.error(fields.integer(), errors.FUNDAMENTALS_UNAVAILABLE, text)


async def _not_allowed(session: Session, fields: FieldReader) -> None:
    """Error 10276: Wall Street Horizon is not subscribed."""
    session.error(fields.integer(), errors.NEWS_NOT_ALLOWED, "News feed is not allowed.")


async def _nothing_runs(session: Session, fields: FieldReader) -> None:
    """Nothing runs that could be cancelled, and the gateway confirms no cancellation."""


for _request in (100, 102):
    handles(_request)(_not_allowed)
for _cancellation in (13, 53, 101, 103):
    handles(_cancellation)(_nothing_runs)
