"""A client span around each call, and its context in the call's metadata."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import grpc
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from mesh.interceptors.conventions import (
    SERVER_ADDRESS,
    SERVER_PORT,
    call_attributes,
    is_traced,
    record_status,
    span_name,
)

TRACER: Final = trace.get_tracer(__name__)
Continue = Callable[[grpc.aio.ClientCallDetails, Any], Awaitable[Any]]


def client_interceptors(address: str) -> list[grpc.aio.ClientInterceptor]:
    """Tracing for the four call kinds of a channel to `address`; grpc.aio wants one object for each kind."""
    tracing = ClientTracing(address)
    return [_UnaryUnary(tracing), _UnaryStream(tracing), _StreamUnary(tracing), _StreamStream(tracing)]


class ClientTracing:
    """Starts a span with each call and ends it with the call's status."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        known = host and port.isdigit()
        self._server: dict[str, str | int] = (
            {SERVER_ADDRESS: host, SERVER_PORT: int(port)} if known else {SERVER_ADDRESS: address}
        )

    async def call(self, proceed: Continue, details: grpc.aio.ClientCallDetails, request: Any) -> Any:
        """Run one call of any kind."""
        method = _text(details.method)
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


class _UnaryUnary(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, tracing: ClientTracing) -> None:
        self._tracing = tracing

    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._tracing.call(continuation, client_call_details, request)


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, tracing: ClientTracing) -> None:
        self._tracing = tracing

    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._tracing.call(continuation, client_call_details, request)


class _StreamUnary(grpc.aio.StreamUnaryClientInterceptor):
    def __init__(self, tracing: ClientTracing) -> None:
        self._tracing = tracing

    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._tracing.call(continuation, client_call_details, request_iterator)


class _StreamStream(grpc.aio.StreamStreamClientInterceptor):
    def __init__(self, tracing: ClientTracing) -> None:
        self._tracing = tracing

    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._tracing.call(continuation, client_call_details, request_iterator)


def _with_context(details: grpc.aio.ClientCallDetails, span: Span) -> grpc.aio.ClientCallDetails:
    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(span))
    metadata = grpc.aio.Metadata(*(details.metadata or ()), *carrier.items())
    return grpc.aio.ClientCallDetails(
        details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
    )


def _on_done(span: Span, call: grpc.aio.Call) -> None:
    # The status of a call that is done is at hand: the coroutine returns without suspending.
    try:
        call.code().send(None)
    except StopIteration as done:
        _end(span, done.value)


def _end(span: Span, code: grpc.StatusCode) -> None:
    record_status(span, code, is_error=code is not grpc.StatusCode.OK)
    span.end()


def _text(method: str | bytes) -> str:
    return method.decode() if isinstance(method, bytes) else method
