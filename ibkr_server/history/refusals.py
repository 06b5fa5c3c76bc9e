"""What the gateway's errors on a request for history mean for the caller.

Codes and texts: https://interactivebrokers.github.io/tws-api/message_codes.html. Code 162 stands for all that
IB's history servers say, so its text decides.
"""

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.history.bars import HistoryQuery
from ibkr_server.history.pacing import VIOLATION_SECONDS
from mesh.errors import MeshError, failed_precondition, not_found, quota_exceeded, unavailable

HISTORY_ERROR = 162
NO_SUCH_CONTRACT = 200
TOO_MANY_OPEN = 322
COMPETING_SESSION = 10197
RETRY_SECONDS = 30.0

_PACING = ("pacing violation", "simultaneous api historical data requests")
_NOTHING_KEPT = ("returned no data", "no historical market data", "no data of type")
_AWAY = (
    "disconnect",
    "not connected",
    "inactive",
    "connection attempt failed",
    "query cancelled",
    "different ip address",
)


def is_violation(refusal: GatewayRefusal) -> bool:
    """Whether the gateway says that too much was asked for."""
    return refusal.ib_code in (HISTORY_ERROR, TOO_MANY_OPEN) and _says(refusal, _PACING)


def to_error(refusal: GatewayRefusal, query: HistoryQuery) -> MeshError:
    """The status a caller can act on.

    NOT_FOUND: no such contract, or IB keeps nothing of the kind. RESOURCE_EXHAUSTED with a delay: too much
    was asked for, by whichever program of the login. UNAVAILABLE with a delay: IB's history servers are away,
    or another session of the login gets the data. FAILED_PRECONDITION with IB's code and text: anything
    else, as a missing subscription (162 with "permissions", 354) or a mistake IB finds in a request (321).
    """
    if is_violation(refusal):
        return quota_exceeded("gateway history", "IB asks for a pause", VIOLATION_SECONDS)
    if refusal.ib_code == NO_SUCH_CONTRACT:
        return not_found("con_id", str(query.con_id), "the gateway knows no such contract")
    if refusal.ib_code == HISTORY_ERROR and _says(refusal, _NOTHING_KEPT):
        return not_found("history", query.kind.value, f"IB keeps none of contract {query.con_id}")
    if refusal.ib_code == COMPETING_SESSION or (refusal.ib_code == HISTORY_ERROR and _says(refusal, _AWAY)):
        return unavailable(f"IB's history cannot be had now: {refusal.text}", RETRY_SECONDS)
    return failed_precondition(f"IB_{refusal.ib_code}", "history", refusal.text)


def _says(refusal: GatewayRefusal, phrases: tuple[str, ...]) -> bool:
    text = refusal.text.lower()
    return any(phrase in text for phrase in phrases)
