"""Requests the gateway knows and the simulator does not offer: an error at once, so that no client hangs."""

from collections.abc import Awaitable, Callable
from functools import partial

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader

# Message id: name, fields before the request id (None: the request has no id).
UNOFFERED: dict[int, tuple[str, int | None]] = {
    10: ("reqMktDepth", 1),
    12: ("reqNewsBulletins", None),
    18: ("requestFA", None),
    19: ("replaceFA", None),
    21: ("exerciseOptions", 1),
    22: ("reqScannerSubscription", 0),
    24: ("reqScannerParameters", None),
    50: ("reqRealTimeBars", 1),
    52: ("reqFundamentalData", 1),
    54: ("calculateImpliedVolatility", 1),
    55: ("calculateOptionPrice", 1),
    65: ("verifyRequest", None),
    67: ("queryDisplayGroups", 1),
    68: ("subscribeToGroupEvents", 1),
    69: ("updateDisplayGroup", 1),
    79: ("reqSoftDollarTiers", 0),
    80: ("reqFamilyCodes", None),
    82: ("reqMktDepthExchanges", None),
    83: ("reqSmartComponents", 0),
    84: ("reqNewsArticle", 0),
    85: ("reqNewsProviders", None),
    86: ("reqHistoricalNews", 0),
    88: ("reqHistogramData", 0),
    97: ("reqTickByTickData", 0),
    100: ("reqWshMetaData", 0),
    102: ("reqWshEventData", 0),
}
# Requests for history and the versions of their messages' leading fields.
HISTORY = {20: "reqHistoricalData", 87: "reqHeadTimeStamp", 96: "reqHistoricalTicks"}
CANCELLATIONS = (11, 13, 23, 25, 51, 53, 56, 57, 70, 89, 90, 98, 101, 103)


async def _refuse(session: Session, fields: FieldReader, name: str, before: int | None) -> None:
    request_id = -1
    if before is not None:
        fields.skip(before)
        request_id = fields.integer()
    cause = errors.validation(f"{name} is not offered by this gateway")
    session.error(request_id, errors.VALIDATION_ERROR, cause)


async def _no_history(session: Session, fields: FieldReader) -> None:
    text = "Historical Market Data Service error message:HMDS query returned no data"
    session.error(fields.integer(), errors.NO_HISTORY, text)


async def _nothing_to_cancel(session: Session, fields: FieldReader) -> None:
    """Nothing runs that could be cancelled, and the gateway confirms no cancellation."""


def _refusal(name: str, before: int | None) -> Callable[[Session, FieldReader], Awaitable[None]]:
    return partial(_refuse, name=name, before=before)


for _message_id, (_name, _before) in UNOFFERED.items():
    handles(_message_id)(_refusal(_name, _before))
for _message_id in HISTORY:
    handles(_message_id)(_no_history)
for _message_id in CANCELLATIONS:
    handles(_message_id)(_nothing_to_cancel)
