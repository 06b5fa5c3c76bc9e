"""Streams end when their callers may no longer call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from mesh.errors import MeshError

CHECK_SECONDS: Final = 5.0
"""How much longer than its caller's right a stream may last."""


@asynccontextmanager
async def ending_once_refused(check: Callable[[], None]) -> AsyncIterator[None]:
    """Call `check` every `CHECK_SECONDS`; what it raises ends the block, and is raised in its place.

    Raises:
        MeshError: What `check` has raised.
    """
    loop = asyncio.get_running_loop()
    refusal: MeshError | None = None
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal refusal, timer
        try:
            check()
        except MeshError as error:
            refusal = error
            scope.reschedule(loop.time())
        else:
            timer = loop.call_later(CHECK_SECONDS, look)

    timer = loop.call_later(CHECK_SECONDS, look)
    try:
        async with asyncio.timeout(None) as scope:
            yield
    except TimeoutError:
        if refusal is None:
            raise
        raise refusal from None
    finally:
        timer.cancel()
