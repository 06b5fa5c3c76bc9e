"""Calls that change orders. Each names what it changes, so that the same one again changes nothing more."""

import asyncio
import time
from itertools import count

import grpc

from mesh.errors import from_rpc_error
from spreadmesh_client.orders.errors import REFUSALS, OutcomeUnknownError, may_have_been_done
from spreadmesh_client.streams import reopening_wait
from spreadmesh_client.unary import Request, Response


async def change(
    method: grpc.aio.UnaryUnaryMultiCallable[Request, Response], request: Request, timeout_seconds: float
) -> Response:
    """Call `method`, and again with the very same request on UNAVAILABLE, until the deadline.

    Raises:
        OutcomeUnknownError: It failed, and it or an attempt before may have taken effect.
        MeshError: It failed and nothing was done.
    """
    deadline = time.monotonic() + timeout_seconds
    may_be_done = False
    for failures in count():
        try:
            return await method(request, timeout=deadline - time.monotonic())
        except grpc.RpcError as error:
            failure = from_rpc_error(error)
        if failure.code in REFUSALS:
            raise failure
        may_be_done = may_be_done or may_have_been_done(failure)
        wait = max(reopening_wait(failures), failure.retry_after_seconds or 0.0)
        if failure.code is not grpc.StatusCode.UNAVAILABLE or time.monotonic() + wait >= deadline:
            raise OutcomeUnknownError(failure) if may_be_done else failure
        await asyncio.sleep(wait)
    raise AssertionError("the loop either returns or raises")
