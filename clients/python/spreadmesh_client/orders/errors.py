"""What can go wrong with an order beyond a refusal."""

import grpc

from mesh.errors import MeshError

# The server has looked at the request and says no: nothing was done, whatever came of attempts before.
REFUSALS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


class OutcomeUnknownError(MeshError):
    """No answer came: the change may or may not have been made. Ask for the order; never place another."""

    def __init__(self, cause: MeshError) -> None:
        super().__init__(cause.code, f"not known whether it was done: {cause.message}", *cause.details)


class LeaseLostError(MeshError):
    """A lease has run out unrenewed: the server cancels its orders, which may be filled before."""

    def __init__(self, lease_id: str) -> None:
        text = f"lease {lease_id} could not be renewed: its orders are being cancelled"
        super().__init__(grpc.StatusCode.DEADLINE_EXCEEDED, text)


def may_have_been_done(error: MeshError) -> bool:
    """Whether the request may have taken effect although it failed.

    UNAVAILABLE with RetryInfo is the server's own word that nothing was done; without, the connection broke.
    """
    if error.code is grpc.StatusCode.UNAVAILABLE:
        return error.retry_after_seconds is None
    return error.code not in REFUSALS
