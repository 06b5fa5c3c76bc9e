"""Scenarios: faults at set times, as lines of JSON.

A line is ``{"at": 5, "name": "fin", "options": {"client": 3}}`` or ``{"at": 9, "lift": "black-hole"}``, with
``at`` in seconds since the start on the process's clock. Empty lines and those with # first are passed over.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tws_sim.faults.catalogue import build, load
from tws_sim.faults.fault import Fault, FaultError
from tws_sim.gateway import Gateway

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """A fault to start, or the name of one to lift, at a number of seconds."""

    at: float
    action: Fault | str


def read(path: Path) -> list[Step]:
    """The steps of a scenario file, in the order of their times.

    Raises:
        FaultError: names the line that cannot be read.
        OSError: the file cannot be read.
    """
    steps = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                steps.append(_step(json.loads(line)))
            except ValueError as problem:
                raise FaultError(f"{path}, line {number}: {problem}") from None
    return sorted(steps, key=lambda step: step.at)


def _step(entry: object) -> Step:
    if not isinstance(entry, dict) or not entry.keys() <= {"at", "name", "options", "lift"}:
        raise FaultError('a line has "at", "name" and "options", or "at" and "lift", and nothing else')
    at, options = entry.get("at"), entry.get("options", {})
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < float("inf"):
        raise FaultError('"at" has to be seconds since the start')
    if ("name" in entry) == ("lift" in entry):
        raise FaultError('a line has either "name" or "lift"')
    if "lift" in entry:
        if entry["lift"] not in load():
            raise FaultError(f"unknown fault {entry['lift']!r}; known are {', '.join(load())}")
        return Step(at, str(entry["lift"]))
    if not isinstance(options, dict):
        raise FaultError('"options" has to be an object')
    return Step(at, build(str(entry["name"]), options))


async def play(gateway: Gateway, steps: Sequence[Step]) -> None:
    """Take every step in its time; one that is not possible then is logged and left out."""
    started = gateway.clock.monotonic()
    for step in steps:
        early = started + step.at - gateway.clock.monotonic()
        if early > 0:
            await gateway.clock.sleep(early)
        try:
            if isinstance(step.action, str):
                await gateway.faults.lift(step.action)
            else:
                await gateway.faults.start(step.action)
        except FaultError as problem:
            log.warning("scenario, at %s s: %s", step.at, problem)


@asynccontextmanager
async def playing(gateway: Gateway, steps: Sequence[Step]) -> AsyncIterator[None]:
    """Play a scenario within the block."""
    async with asyncio.TaskGroup() as tasks:
        player = tasks.create_task(play(gateway, steps))
        try:
            yield
        finally:
            player.cancel()
