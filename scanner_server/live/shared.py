"""Tasks whose outcome several callers wait for, or none any more."""

import asyncio
from typing import Any


def looked_at(task: asyncio.Task[Any]) -> None:
    """To be called when it is done: a failure is told to those who wait; where all have left, to nobody."""
    if not task.cancelled():
        task.exception()
