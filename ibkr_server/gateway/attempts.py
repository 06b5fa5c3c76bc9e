"""Connection attempts: how long one may take and when the next comes."""

import asyncio
import random
from typing import Any, TypeVar

T = TypeVar("T")

RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS = 0.25, 2.0


async def until_closed(attempt: asyncio.Future[T], closed: asyncio.Event, timeout_seconds: float) -> T:
    """Wait for a connection attempt, but no longer than its socket lives: the library would wait on.

    Raises:
        TimeoutError: The socket was closed, or the time has passed; the attempt is cancelled.
    """
    closing = asyncio.ensure_future(closed.wait())
    try:
        waits: set[asyncio.Future[Any]] = {attempt, closing}
        await asyncio.wait(waits, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not attempt.done():
            raise TimeoutError(
                "the gateway closed the connection" if closed.is_set() else "no answer in time"
            )
        return attempt.result()
    finally:
        attempt.cancel()
        closing.cancel()
        await asyncio.gather(attempt, closing, return_exceptions=True)


def retry_delay(failures: int) -> float:
    """Seconds until the next attempt after so many failed ones in a row: doubling, bounded, with jitter."""
    ceiling = min(RETRY_MOST_SECONDS, RETRY_FIRST_SECONDS * 2.0 ** min(failures, 10))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
