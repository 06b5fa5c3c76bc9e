"""What calls about orders have to be: short, and with an end that the caller has thought of."""

from typing import Any, Final

import grpc

from mesh.admission.priorities import CONTROL, ORDERS
from mesh.errors import MeshError, invalid_argument
from mesh.interceptors.handlers import (
    Context,
    Deserializer,
    Handler,
    HandlerInterceptor,
    behaviour_of,
    with_behaviour,
)
from mesh.methods import method_name

MAX_ORDER_BYTES: Final = 256 * 1024
SHORTEST_SECONDS: Final = 0.001
LONGEST_SECONDS: Final = 60.0
ROUNDING_SECONDS: Final = 2.0
"""gRPC rounds deadlines up on the wire, by up to 3 % to that of an earlier call, to send fewer bytes."""


class OrderCallsInterceptor(HandlerInterceptor):
    """On order services: RESOURCE_EXHAUSTED past 256 KiB, INVALID_ARGUMENT for unary calls without deadline.

    A caller that waits for ever holds an order whose fate it does not learn; one that gives up at once never
    learns it either.
    """

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let only such calls reach the handler, if it is one of orders."""
        if method_name(method).partition("/")[0] not in {ORDERS, CONTROL}:
            return handler
        behaviour = behaviour_of(handler)

        async def in_time(request: Any, context: Context) -> Any:
            check_deadline(context.time_remaining())
            return await behaviour(request, context)

        streams = handler.request_streaming or handler.response_streaming
        deserializer = handler.request_deserializer and short(handler.request_deserializer)
        return with_behaviour(handler, behaviour if streams else in_time, deserializer)


def check_deadline(seconds: float | None) -> None:
    """Refuse a call without a deadline, and one whose deadline is nearer than 1 ms or farther than 60 s.

    Raises:
        MeshError: INVALID_ARGUMENT; the field is the header, `grpc-timeout`.
    """
    if seconds is None:
        raise invalid_argument("grpc-timeout", "calls about orders need a deadline")
    if not SHORTEST_SECONDS < seconds <= LONGEST_SECONDS + ROUNDING_SECONDS:
        raise invalid_argument("grpc-timeout", f"must be more than 1 ms and at most {LONGEST_SECONDS:g} s")


def short(deserializer: Deserializer) -> Deserializer:
    """A deserializer that returns a `MeshError` for what is too long, as `tolerant` ones do."""

    def deserialize(data: bytes) -> Any:
        if len(data) > MAX_ORDER_BYTES:
            text = f"a message about orders has at most {MAX_ORDER_BYTES} bytes, not {len(data)}"
            return MeshError(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
        return deserializer(data)

    return deserialize
