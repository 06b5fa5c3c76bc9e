"""Medians of interleaved repetitions, so that a slow moment of the machine hurts every contender alike."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Sequence
from statistics import median
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def medians(contenders: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Seconds per call of each contender: one warm-up, then `repeats` rounds in turn, garbage left alone."""
    for contender in contenders:
        contender()
    seconds: list[list[float]] = [[] for _ in contenders]
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for taken, contender in zip(seconds, contenders, strict=True):
                start = time.perf_counter()
                contender()
                taken.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return [median(taken) for taken in seconds]


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the event loop that the servers use."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
