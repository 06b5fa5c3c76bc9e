"""A whole mesh as one block: started together, watched, and ended together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Never

from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.plan import Plan
from spreadmesh_client.supervisor.process import ChildProcess
from spreadmesh_client.supervisor.readiness import until_ready

GRACE_SECONDS: Final = 6.0


@dataclass(frozen=True)
class RunningMesh:
    """A mesh that is ready."""

    plan: Plan
    children: list[ChildProcess]
    trace_dir: Path

    async def until_child_ends(self) -> Never:
        """Wait as long as every process runs.

        Raises:
            SupervisorError: One has ended.
        """
        await until_child_ends(self.children)

    def describe(self) -> dict[str, Any]:
        """Addresses, journal, trace folder and process ids, as `spreadmesh up --json` prints them."""
        pids = {child.name: child.pid for child in self.children}
        return self.plan.places() | {"trace_dir": str(self.trace_dir), "pids": pids}


@asynccontextmanager
async def run_mesh(
    plan: Plan, run: Path, *, ready_seconds: float, show: Callable[[str], None]
) -> AsyncIterator[RunningMesh]:
    """Start the processes of `plan`, all at once, and end them at the end of the block.

    Args:
        plan: What to start.
        run: Folder with `logs` and `traces`.
        ready_seconds: Longest wait for readiness.
        show: Told about the progress.

    Raises:
        SupervisorError: A process ended, or not all were ready in time.
    """
    children: list[ChildProcess] = []
    try:
        for child in plan.children:
            children.append(await ChildProcess.start(child, run / "logs"))  # noqa: PERF401 - known one by one
        await _ready(plan, children, ready_seconds, show)
        yield RunningMesh(plan, children, run / "traces")
    finally:
        await asyncio.gather(*(child.end(GRACE_SECONDS) for child in children))


async def until_child_ends(children: list[ChildProcess]) -> Never:
    """Wait for the first end; see `RunningMesh.until_child_ends`."""
    waits = {asyncio.ensure_future(child.wait()): child for child in children}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
    ended = next(iter(done))
    child = waits[ended]
    raise SupervisorError("\n".join([f"{child.name} has ended, {ended.result()}:", *_log(child)]))


async def _ready(
    plan: Plan, children: list[ChildProcess], ready_seconds: float, show: Callable[[str], None]
) -> None:
    waits = ["starting"]

    def note(text: str) -> None:
        waits.append(text)
        show(text)

    ready = asyncio.ensure_future(until_ready(plan, note))
    dead = asyncio.ensure_future(until_child_ends(children))
    try:
        await asyncio.wait([ready, dead], timeout=ready_seconds, return_when=asyncio.FIRST_COMPLETED)
        if dead.done():
            await dead
        if not ready.done():
            logs = children[0].log.parent
            raise SupervisorError(f"not ready after {ready_seconds:g} s: {waits[-1]} (logs are in {logs})")
        await ready
    finally:
        ready.cancel()
        dead.cancel()
        await asyncio.wait([ready, dead])


def _log(child: ChildProcess) -> list[str]:
    return [f"  {line}" for line in child.last_lines()] or [f"  (nothing in {child.log})"]
