"""When a read may be tried again. Writes never are: an order with a lost answer is looked up, not resent."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import grpc
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential, wait_random

from mesh.errors import MeshError, from_rpc_error
from mesh.resilience.retry_budget import RetryBudget

INITIAL_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
JITTER_SECONDS = 0.1


def read_retry(
    deadline_seconds: float,
    *,
    budget: RetryBudget | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncRetrying:
    """A policy for one read: retry what the server says is retryable, until the deadline.

    UNAVAILABLE is retried, RESOURCE_EXHAUSTED only where the server sent a RetryInfo. Attempt n waits
    `min(5, 0.1 * 2**(n - 1)) + U(0, 0.1)` seconds, or as long as RetryInfo asks if that is longer. A wait
    that would end after the deadline is not begun: the last error is raised instead, as it came. Where the
    retries of a `budget` are used up, it waits for its turn on top of that.

    Args:
        deadline_seconds: Counted from this call; all attempts and waits together. Each attempt still needs a
            timeout of its own.
        budget: Shared by the reads of one server, so that together they retry only so much.
        clock: Monotonic seconds.
        sleep: How to wait.
    """
    deadline = clock() + deadline_seconds
    if budget:
        budget.deposit()
    backoff = wait_exponential(INITIAL_WAIT_SECONDS, LONGEST_WAIT_SECONDS) + wait_random(0, JITTER_SECONDS)

    def wait(state: RetryCallState) -> float:
        error = _mesh_error(state.outcome.exception()) if state.outcome else None
        asked = error.retry_after_seconds if error else None
        turn = budget.wait(clock()) if budget else 0.0
        return max(backoff(state), asked or 0.0, turn)

    def stop(state: RetryCallState) -> bool:
        now = clock()
        if now + state.upcoming_sleep >= deadline:
            return True
        if budget:
            budget.withdraw(now)
        return False

    return AsyncRetrying(
        retry=retry_if_exception(is_retryable), wait=wait, stop=stop, sleep=sleep, reraise=True
    )


def is_retryable(error: BaseException) -> bool:
    """Whether the server said that the same read may succeed later."""
    known = _mesh_error(error)
    if known is None:
        return False
    if known.code is grpc.StatusCode.UNAVAILABLE:
        return True
    return known.code is grpc.StatusCode.RESOURCE_EXHAUSTED and known.retry_after_seconds is not None


def _mesh_error(error: BaseException | None) -> MeshError | None:
    if isinstance(error, grpc.RpcError):
        return from_rpc_error(error)
    return error if isinstance(error, MeshError) else None
