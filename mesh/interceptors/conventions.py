"""Names and rules of OpenTelemetry's RPC semantic conventions, for both sides of a call."""

from typing import Final

import grpc
from opentelemetry.semconv._incubating.attributes import rpc_attributes
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.trace import Span, Status, StatusCode

SERVER_ADDRESS: Final = server_attributes.SERVER_ADDRESS
SERVER_PORT: Final = server_attributes.SERVER_PORT
UNTRACED: Final = ("/grpc.health.", "/grpc.reflection.")
SERVER_FAULTS: Final = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)


def is_traced(method: str) -> bool:
    """Whether calls of `/package.Service/Method` get spans: all but health checks and reflection."""
    return not method.startswith(UNTRACED)


def span_name(method: str) -> str:
    """`package.Service/Method`."""
    return method.removeprefix("/")


def call_attributes(method: str) -> dict[str, str | int]:
    """What is known about a call at its start."""
    return {
        rpc_attributes.RPC_SYSTEM_NAME: "grpc",
        rpc_attributes.RPC_METHOD: span_name(method),
    }


def record_status(span: Span, code: grpc.StatusCode, *, is_error: bool) -> None:
    """Note how a call ended. A server span is an error only where the server is at fault."""
    span.set_attribute(rpc_attributes.RPC_RESPONSE_STATUS_CODE, code.name)
    if is_error:
        span.set_attribute(error_attributes.ERROR_TYPE, code.name)
        span.set_status(Status(StatusCode.ERROR))
