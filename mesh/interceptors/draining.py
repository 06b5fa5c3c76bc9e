"""Open streams end when the server is about to stop, so that stopping never waits for a stream."""

import asyncio
from typing import Any

from mesh.drain import Drain
from mesh.errors import unavailable
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import method_name
from mesh.telemetry.calls import DRAINED

RECONNECT_AFTER_SECONDS = 1.0


class DrainInterceptor(HandlerInterceptor):
    """Ends response streams with UNAVAILABLE and RetryInfo once the drain says so; unary calls run on."""

    def __init__(self, drain: Drain) -> None:
        super().__init__()
        self._drain = drain

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Give the handler an end, if it streams in either direction."""
        if not (handler.response_streaming or handler.request_streaming):
            return handler
        behaviour, name = behaviour_of(handler), method_name(method)
        DRAINED.add(name)

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
            DRAINED[name] += 1
            raise unavailable("the server is shutting down; connect again", RECONNECT_AFTER_SECONDS)

        return with_behaviour(handler, drained)
