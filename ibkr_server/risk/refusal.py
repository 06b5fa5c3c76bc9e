"""How an order is refused: with everything that speaks against it, at once."""

from collections.abc import Sequence
from typing import Final

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, PreconditionFailure

from ibkr_server.risk.rules import Violation
from mesh.errors import DOMAIN, MeshError
from mesh.telemetry.counts import Counts

REFUSED: Final = Counts(
    "COLLAR",
    "CONTRACT_EXPIRED",
    "DAILY_LOSS",
    "DUPLICATE",
    "LIVE_ORDERS",
    "MARKET_ORDERS",
    "MAX_LOSS",
    "MAX_QUANTITY",
    "NO_PREVIEW",
    "NO_QUOTE",
    "ORDERS_PER_10S",
    "QUOTE_AGE",
)
"""How often orders were refused for exceeding a limit, by its name, in this process."""


def refusal(violations: Sequence[Violation]) -> MeshError:
    """FAILED_PRECONDITION with one entry of PreconditionFailure for each, and ErrorInfo.

    The reason is the name of the limit where it is one, `RISK_LIMITS` where there are several, which the
    metadata hold by name.
    """
    found = [
        PreconditionFailure.Violation(type=each.limit, subject=each.subject, description=each.description)
        for each in violations
    ]
    names = {each.limit for each in violations}
    for name in names:
        REFUSED[name] += 1
    reason = violations[0].limit if len(names) == 1 else "RISK_LIMITS"
    metadata = {each.limit: each.description for each in violations}
    return MeshError(
        grpc.StatusCode.FAILED_PRECONDITION,
        "; ".join(f"{each.limit}: {each.description}" for each in violations),
        PreconditionFailure(violations=found),
        ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata),
    )
