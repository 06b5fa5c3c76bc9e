"""One shape for the handlers of all four call kinds, so that an interceptor is written once.

grpc.aio accepts coroutines and, for response streams, async generators and coroutines that call
`context.write`. Here each becomes a coroutine `behaviour(request_or_iterator, context)`. Iterating a
generator inside a coroutine also closes it as soon as the call is cancelled, where grpc.aio alone leaves that
to the garbage collector.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import grpc

if TYPE_CHECKING:  # generic for type checkers only
    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
else:
    Context = grpc.aio.ServicerContext
    Handler = grpc.RpcMethodHandler
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]
Behaviour = Callable[[Any, Context], Awaitable[Any]]
Deserializer = Callable[[bytes], Any]


def behaviour_of(handler: Handler) -> Behaviour:
    """The handler's code as one coroutine function, whatever its call kind.

    Raises:
        TypeError: It is neither a coroutine function nor an async generator function.
    """
    code: Any = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    if inspect.iscoroutinefunction(code):
        return cast("Behaviour", code)
    if not (handler.response_streaming and inspect.isasyncgenfunction(code)):
        raise TypeError(
            f"{code!r} must be a coroutine function or, for a stream, an async generator function"
        )

    async def write_responses(request: Any, context: Context) -> None:
        async with aclosing(code(request, context)) as responses:
            async for response in responses:
                await context.write(response)

    return write_responses


def with_behaviour(
    handler: Handler, behaviour: Behaviour, deserializer: Deserializer | None = None
) -> Handler:
    """The same call kind and serializers around other code, and another deserializer if one is given."""
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make: Any = kinds[handler.request_streaming, handler.response_streaming]
    wrapped: Handler = make(
        behaviour, deserializer or handler.request_deserializer, handler.response_serializer
    )
    return wrapped


class HandlerInterceptor(grpc.aio.ServerInterceptor, ABC):
    """Wraps the handler of each method, once and not with every call."""

    def __init__(self) -> None:
        self._wrapped: dict[str, tuple[Handler, Handler]] = {}

    async def intercept_service(
        self,
        continuation: Continuation,
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """The handler to use for a call; None for an unknown method, which grpc answers UNIMPLEMENTED."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method
        before, wrapped = self._wrapped.get(method, (None, handler))
        if before is not handler:
            wrapped = self.wrap(handler, method)
            self._wrapped[method] = handler, wrapped
        return wrapped

    @abstractmethod
    def wrap(self, handler: Handler, method: str) -> Handler:
        """A handler around `handler`, or itself, for `/package.Service/Method`."""


class Chain(HandlerInterceptor):
    """Several as one, the first outermost: grpc goes through its list anew with every call."""

    def __init__(self, *interceptors: HandlerInterceptor) -> None:
        super().__init__()
        self._interceptors = interceptors

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let each wrap what the ones after it have made of the handler."""
        for interceptor in reversed(self._interceptors):
            handler = interceptor.wrap(handler, method)
        return handler


class CheckedContext:
    """A servicer context whose `read` checks each message; all else is the context it wraps."""

    def __init__(self, context: Context, check: Callable[[Any], Any]) -> None:
        self._context = context
        self._check = check

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def read(self) -> Any:
        """The next request message, or `grpc.aio.EOF`."""
        message = await self._context.read()
        return message if message is grpc.aio.EOF else self._check(message)


async def checked(requests: AsyncIterator[Any], check: Callable[[Any], Any]) -> AsyncIterator[Any]:
    """A request stream with every message passed through `check`."""
    async for message in requests:
        yield check(message)
