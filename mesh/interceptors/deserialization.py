"""What is not a valid message is the caller's error, and is told so.

grpc.aio answers UNKNOWN when a request deserializer raises. Here the deserializer returns the error instead,
and it is raised where the handler would have received the message.
"""

from collections.abc import AsyncIterator
from typing import Any, cast

from google.protobuf.message import DecodeError

from mesh.errors import MeshError, invalid_argument
from mesh.interceptors.handlers import (
    CheckedContext,
    Context,
    Deserializer,
    Handler,
    HandlerInterceptor,
    behaviour_of,
    checked,
    with_behaviour,
)
from mesh.interceptors.validation import check_values


class RequestsInterceptor(HandlerInterceptor):
    """Lets only well-formed messages with sane values reach a handler; INVALID_ARGUMENT for the rest."""

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Check what the handler receives."""
        if handler.request_deserializer is None:  # raw bytes
            return handler
        behaviour = behaviour_of(handler)

        async def on_message(request: Any, context: Context) -> Any:
            return await behaviour(checked_message(request), context)

        async def on_stream(requests: AsyncIterator[Any], context: Context) -> Any:
            reader = cast("Context", CheckedContext(context, checked_message))
            return await behaviour(checked(requests, checked_message), reader)

        return with_behaviour(
            handler,
            on_stream if handler.request_streaming else on_message,
            tolerant(handler.request_deserializer),
        )


def tolerant(deserializer: Deserializer) -> Deserializer:
    """A deserializer that returns a `MeshError` where the given one raises."""

    def deserialize(data: bytes) -> Any:
        try:
            return deserializer(data)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            return invalid_argument("", f"the request is not a valid protobuf message: {error}")

    return deserialize


def checked_message(message: Any) -> Any:
    """The message itself.

    Raises:
        MeshError: INVALID_ARGUMENT; it could not be parsed, or holds a value that `check_values` refuses.
    """
    if isinstance(message, MeshError):
        raise message
    check_values(message)
    return message
