"""An event loop whose time passes only while nothing else is left to do.

Whole systems run on it, sockets of the loopback included, as fast as the machine computes: what one end
writes the other can read at once, so nothing that is ready is ever overtaken by a timer.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Returns what is ready; where nothing is, moves the clock to the next timer instead of waiting."""

    def __init__(self, idle_seconds: float) -> None:
        super().__init__()
        self.now = 1000.0
        self._idle_seconds = idle_seconds

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            # Only another thread or process can go on: give it real time, and complain rather than hang.
            ready = super().select(self._idle_seconds)
            if not ready:
                raise RuntimeError("nothing is ready and no timer runs: everything waits for ever")
            return ready
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual."""

    def __init__(self, idle_seconds: float = 10.0) -> None:
        self._virtual = _Selector(idle_seconds)
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run it to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
