"""One client interceptor for the four call kinds, for each of which grpc.aio wants a class of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

Proceed = Callable[[grpc.aio.ClientCallDetails, Any], Awaitable[Any]]
Intercept = Callable[[Proceed, grpc.aio.ClientCallDetails, Any], Awaitable[Any]]


def for_every_kind(intercept: Intercept) -> list[grpc.aio.ClientInterceptor]:
    """Interceptors that run `intercept(proceed, details, request_or_iterator)` for each call."""
    return [kind(intercept) for kind in (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)]


def method_of(details: grpc.aio.ClientCallDetails) -> str:
    """`/package.Service/Method`."""
    method: str | bytes = details.method  # bytes from grpc itself, text from other interceptors
    return method.decode() if isinstance(method, bytes) else method


def status_of_done(call: grpc.aio.Call) -> tuple[grpc.StatusCode, str]:
    """Code and text of a call that is done."""
    return _at_hand(call.code()), _at_hand(call.details()) or ""


def _at_hand(coroutine: Any) -> Any:
    # The status of a call that is done is there already: the coroutine returns without suspending.
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the call is not done")


class _UnaryUnary(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, intercept: Intercept) -> None:
        self._intercept = intercept

    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._intercept(continuation, client_call_details, request)


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, intercept: Intercept) -> None:
        self._intercept = intercept

    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._intercept(continuation, client_call_details, request)


class _StreamUnary(grpc.aio.StreamUnaryClientInterceptor):
    def __init__(self, intercept: Intercept) -> None:
        self._intercept = intercept

    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._intercept(continuation, client_call_details, request_iterator)


class _StreamStream(grpc.aio.StreamStreamClientInterceptor):
    def __init__(self, intercept: Intercept) -> None:
        self._intercept = intercept

    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._intercept(continuation, client_call_details, request_iterator)
