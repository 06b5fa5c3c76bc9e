"""Unary calls: one deadline over all attempts, errors as MeshError."""

import time
from typing import Final, TypeVar

import grpc
from google.protobuf.message import Message

from mesh.errors import from_rpc_error
from mesh.resilience.retry_budget import RetryBudget
from mesh.retry import read_retry

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

READ_TIMEOUT_SECONDS: Final = 10.0
# The gateway lists a whole chain on the first request for it, at its own pace.
CHAIN_TIMEOUT_SECONDS: Final = 60.0
SCAN_TIMEOUT_SECONDS: Final = 30.0


async def write(
    method: grpc.aio.UnaryUnaryMultiCallable[Request, Response], request: Request, timeout_seconds: float
) -> Response:
    """Call `method` once: whether a change was made is not known after some failures.

    Raises:
        MeshError: The error as the server sent it, or DEADLINE_EXCEEDED.
    """
    try:
        return await method(request, timeout=timeout_seconds)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None


async def read(
    method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
    request: Request,
    timeout_seconds: float,
    budget: RetryBudget,
    metadata: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Call `method`, again while the server says that a retry may help, until the deadline.

    `budget` is shared by all reads of one server, so that an outage does not multiply its own load.

    Raises:
        MeshError: The last error as the server sent it, or DEADLINE_EXCEEDED.
    """
    deadline = time.monotonic() + timeout_seconds
    try:
        async for attempt in read_retry(timeout_seconds, budget=budget):
            with attempt:
                return await method(request, timeout=deadline - time.monotonic(), metadata=metadata)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None
    raise AssertionError("the policy either returns or raises")
