"""Errors as values: one exception type that carries a gRPC status and google.rpc details.

The details travel in the `grpc-status-details-bin` trailer, as https://google.aip.dev/193 describes. Servers
raise the errors built here and an interceptor sends them; clients get them back from `from_rpc_error`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

DOMAIN = "spreadmesh"
DETAILS_KEY = "grpc-status-details-bin"


class MeshError(Exception):
    """A refusal or failure with a status code, a message for people and details for programs."""

    def __init__(self, code: grpc.StatusCode, message: str, *details: Message) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: tuple[Message, ...] = details

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"

    @property
    def reason(self) -> str | None:
        """The reason of its ErrorInfo; None where it has none."""
        return next((detail.reason for detail in self.details if isinstance(detail, ErrorInfo)), None)

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to wait before trying again; None where it does not ask for a retry."""
        for detail in self.details:
            if isinstance(detail, RetryInfo):
                return float(detail.retry_delay.ToTimedelta().total_seconds())
        return None


def invalid_argument(field: str, description: str) -> MeshError:
    """INVALID_ARGUMENT with BadRequest: one field is wrong, whatever the state of the server."""
    return invalid_arguments([(field, description)])


def invalid_arguments(violations: Iterable[tuple[str, str]]) -> MeshError:
    """INVALID_ARGUMENT with BadRequest: several (field, description) pairs, reported together."""
    return _bad_request(grpc.StatusCode.INVALID_ARGUMENT, list(violations))


def out_of_range(field: str, description: str) -> MeshError:
    """OUT_OF_RANGE with BadRequest: well formed, but past what exists, as an expiration in the past."""
    return _bad_request(grpc.StatusCode.OUT_OF_RANGE, [(field, description)])


def not_found(resource_type: str, resource_name: str, description: str) -> MeshError:
    """NOT_FOUND with ResourceInfo; also for what belongs to someone else, so that existence does not leak."""
    return MeshError(
        grpc.StatusCode.NOT_FOUND,
        f"{resource_type} {resource_name}: {description}",
        ResourceInfo(resource_type=resource_type, resource_name=resource_name, description=description),
    )


def already_exists(resource_type: str, resource_name: str, reason: str, description: str) -> MeshError:
    """ALREADY_EXISTS with ErrorInfo and ResourceInfo: the name is taken by another request."""
    return MeshError(
        grpc.StatusCode.ALREADY_EXISTS,
        f"{resource_type} {resource_name}: {description}",
        ErrorInfo(reason=reason, domain=DOMAIN),
        ResourceInfo(resource_type=resource_type, resource_name=resource_name, description=description),
    )


def quota_exceeded(subject: str, description: str, retry_after_seconds: float) -> MeshError:
    """RESOURCE_EXHAUSTED with QuotaFailure and RetryInfo: a rate, queue or line limit is reached."""
    return MeshError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"{subject}: {description}",
        QuotaFailure(violations=[QuotaFailure.Violation(subject=subject, description=description)]),
        _retry_info(retry_after_seconds),
    )


def unavailable(description: str, retry_after_seconds: float) -> MeshError:
    """UNAVAILABLE with RetryInfo: nothing was done, and the same request may succeed later."""
    return MeshError(grpc.StatusCode.UNAVAILABLE, description, _retry_info(retry_after_seconds))


def failed_precondition(kind: str, subject: str, description: str) -> MeshError:
    """FAILED_PRECONDITION with PreconditionFailure: a retry is useless until the state has been changed."""
    violation = PreconditionFailure.Violation(type=kind, subject=subject, description=description)
    return MeshError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"{subject}: {description}",
        PreconditionFailure(violations=[violation]),
    )


def deadline_exceeded(reason: str, description: str) -> MeshError:
    """DEADLINE_EXCEEDED with ErrorInfo: a peer behind this server did not answer in time."""
    return _error_info(grpc.StatusCode.DEADLINE_EXCEEDED, reason, description)


def stale_resume(reason: str, description: str) -> MeshError:
    """OUT_OF_RANGE with ErrorInfo: a stream cannot be resumed there; start again from a snapshot."""
    return _error_info(grpc.StatusCode.OUT_OF_RANGE, reason, description)


def unauthenticated(reason: str, description: str) -> MeshError:
    """UNAUTHENTICATED with ErrorInfo: the caller is not known."""
    return _error_info(grpc.StatusCode.UNAUTHENTICATED, reason, description)


def permission_denied(reason: str, description: str) -> MeshError:
    """PERMISSION_DENIED with ErrorInfo: the caller is known and may not do this."""
    return _error_info(grpc.StatusCode.PERMISSION_DENIED, reason, description)


def to_trailers(error: MeshError) -> tuple[tuple[str, bytes], ...]:
    """The trailing metadata that carries an error's code, message and details."""
    status = Status(code=error.code.value[0], message=error.message)
    for detail in error.details:
        status.details.add().Pack(detail)
    return ((DETAILS_KEY, status.SerializeToString()),)


def from_rpc_error(error: grpc.RpcError) -> MeshError:
    """The error a server raised, from what a stub raised; without details if there are none to read.

    Accepts the errors of both kinds of channel, asyncio and synchronous. CANCELLED becomes UNAVAILABLE: a
    caller that gives up a call gets no status, so it was the server, with what came as it began to stop.
    """
    call: Any = error  # a grpc.RpcError is always a Call as well, which its declared type does not say
    if call.code() is grpc.StatusCode.CANCELLED:
        return MeshError(grpc.StatusCode.UNAVAILABLE, "the server gave the call up")
    trailers = call.trailing_metadata() or ()
    packed = next((value for key, value in trailers if key == DETAILS_KEY), None)
    return MeshError(call.code(), call.details() or "", *_unpack_details(packed))


def _unpack_details(packed: bytes | None) -> list[Message]:
    if packed is None:
        return []
    try:
        return [_unpack(detail) for detail in Status.FromString(packed).details]
    except DecodeError:
        return []  # a proxy may have cut the trailer: code and message still stand


def _unpack(detail: AnyMessage) -> Message:
    kind = getattr(error_details_pb2, detail.TypeName().removeprefix("google.rpc."), None)
    if kind is None:
        return detail
    message: Message = kind()
    return message if detail.Unpack(message) else detail


def _bad_request(code: grpc.StatusCode, violations: list[tuple[str, str]]) -> MeshError:
    bad = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=field, description=description)
            for field, description in violations
        ]
    )
    return MeshError(
        code, "; ".join(f"{field}: {text}" if field else text for field, text in violations), bad
    )


def _error_info(code: grpc.StatusCode, reason: str, description: str) -> MeshError:
    return MeshError(code, description, ErrorInfo(reason=reason, domain=DOMAIN))


def _retry_info(seconds: float) -> RetryInfo:
    delay = Duration()
    delay.FromTimedelta(timedelta(seconds=seconds))
    return RetryInfo(retry_delay=delay)
