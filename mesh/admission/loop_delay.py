"""How late the event loop runs what is due."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from mesh.telemetry.histogram import Histogram
from mesh.telemetry.observe import observe_histogram

SAMPLE_SECONDS: Final = 0.025
DELAYS: Final = Histogram()
"""Of this process."""
observe_histogram("spreadmesh.event_loop.delay", DELAYS, "How late the event loop ran a timer.")


@contextmanager
def sampling_loop_delay(observe: Callable[[float, float], None]) -> Iterator[None]:
    """Call `observe(delay_seconds, now)` forty times a second inside the block, in the loop's own time."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def sample() -> None:
        now = loop.time()
        delay = max(0.0, now - timer.when())
        DELAYS.record(delay)
        observe(delay, now)
        schedule()

    def schedule() -> None:
        nonlocal timer
        timer = loop.call_later(SAMPLE_SECONDS, sample)

    schedule()
    try:
        yield
    finally:
        timer.cancel()
