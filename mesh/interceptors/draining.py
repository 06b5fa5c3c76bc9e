"""Open streams end when the server is about to stop, so that stopping never waits for a stream."""

import asyncio
from typing import Any

import grpc

from mesh.drain import Drain
from mesh.errors import unavailable
from mesh.interceptors.handlers import Context, Continuation, Handler, behaviour_of, with_behaviour

RECONNECT_AFTER_SECONDS = 1.0


class DrainInterceptor(grpc.aio.ServerInterceptor):
    """Ends response streams with UNAVAILABLE and RetryInfo once the drain says so; unary calls run on."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain

    async def intercept_service(
        self,
        continuation: Continuation,
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler of a call, if it streams in either direction."""
        handler = await continuation(handler_call_details)
        if handler is None or not (handler.response_streaming or handler.request_streaming):
            return handler
        behaviour = behaviour_of(handler)

        async def until_drained(request: Any, context: Context) -> Any:
            async with asyncio.timeout(None) as scope:
                with self._drain.ending(scope):
                    return await behaviour(request, context)

        async def drained(request: Any, context: Context) -> Any:
            try:
                return await until_drained(request, context)
            except TimeoutError:
                if not self._drain.is_over:
                    raise
            raise unavailable("the server is shutting down; connect again", RECONNECT_AFTER_SECONDS)

        return with_behaviour(handler, drained)
