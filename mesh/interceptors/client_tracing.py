"""A client span around each call, and its context in the call's metadata."""

from functools import partial
from typing import Any, Final

import grpc
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from mesh.interceptors.client_calls import Proceed, for_every_kind, method_of, status_of_done
from mesh.interceptors.conventions import (
    SERVER_ADDRESS,
    SERVER_PORT,
    call_attributes,
    is_traced,
    record_status,
    span_name,
)

TRACER: Final = trace.get_tracer(__name__)


def client_interceptors(address: str) -> list[grpc.aio.ClientInterceptor]:
    """Tracing for the four call kinds of a channel to `address`."""
    return for_every_kind(ClientTracing(address).call)


class ClientTracing:
    """Starts a span with each call and ends it with the call's status."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        known = host and port.isdigit()
        self._server: dict[str, str | int] = (
            {SERVER_ADDRESS: host, SERVER_PORT: int(port)} if known else {SERVER_ADDRESS: address}
        )

    async def call(self, proceed: Proceed, details: grpc.aio.ClientCallDetails, request: Any) -> Any:
        """Run one call of any kind."""
        method = method_of(details)
        if not is_traced(method):
            return await proceed(details, request)
        span = TRACER.start_span(
            span_name(method), kind=SpanKind.CLIENT, attributes=call_attributes(method) | self._server
        )
        try:
            call = await proceed(_with_context(details, span), request)
        except BaseException:  # cancelled before the call began: the span must still end
            _end(span, grpc.StatusCode.CANCELLED)
            raise
        call.add_done_callback(partial(_on_done, span))
        return call


def _with_context(details: grpc.aio.ClientCallDetails, span: Span) -> grpc.aio.ClientCallDetails:
    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(span))
    metadata = grpc.aio.Metadata(*(details.metadata or ()), *carrier.items())
    return grpc.aio.ClientCallDetails(
        details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
    )


def _on_done(span: Span, call: grpc.aio.Call) -> None:
    code, _ = status_of_done(call)
    _end(span, code)


def _end(span: Span, code: grpc.StatusCode) -> None:
    record_status(span, code, is_error=code is not grpc.StatusCode.OK)
    span.end()
