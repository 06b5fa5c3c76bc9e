"""A mesh on this machine until a signal, a time or a dead child ends it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from spreadmesh_client.cli.waiting import waiting
from spreadmesh_client.supervisor.packages import require_servers
from spreadmesh_client.supervisor.plan import RealGateway, Source, first_symbol, make_plan
from spreadmesh_client.supervisor.ports import choose_ports
from spreadmesh_client.supervisor.state import (
    forget_mesh,
    journal_file,
    new_run,
    presets_file,
    state_folder,
    write_mesh,
)

if TYPE_CHECKING:
    from spreadmesh_client.supervisor.mesh import RunningMesh


@dataclass(frozen=True)
class MeshOptions:
    """What a mesh is started with."""

    source: Source
    lines: int
    client_id: int
    port_base: int
    ready_seconds: float
    state_dir: Path | None
    trading: bool


async def run_up(options: MeshOptions, seconds: float | None, *, as_json: bool) -> None:
    """Run a mesh and print where it is."""
    await until_signal(_up(options, seconds, as_json=as_json))


async def _up(options: MeshOptions, seconds: float | None, *, as_json: bool) -> None:
    async with started(options) as mesh:
        if as_json:
            print(json.dumps(mesh.describe()), flush=True)
        else:
            _print_addresses(mesh, options)
        await run_for(mesh, seconds)


@asynccontextmanager
async def started(options: MeshOptions) -> AsyncIterator["RunningMesh"]:
    """A mesh that is ready, and known to the other commands while the block lasts."""
    require_servers()
    from spreadmesh_client.supervisor.mesh import run_mesh

    run = new_run(state_folder(options.state_dir))
    source, state_dir = options.source, options.state_dir
    plan = make_plan(
        source,
        choose_ports(options.port_base),
        lines=options.lines,
        client_id=options.client_id,
        trace_dir=run / "traces",
        presets=None if "PRESETS_FILE" in os.environ else presets_file(state_dir),
        journal=_journal(source, state_dir),
        trading=options.trading,
    )
    async with AsyncExitStack() as stack:
        with waiting("Starting") as shown:
            starting = run_mesh(plan, run, ready_seconds=options.ready_seconds, show=shown.show)
            mesh = await stack.enter_async_context(starting)
        write_mesh(run, mesh.describe())
        stack.callback(forget_mesh, run)
        yield mesh


async def run_for(mesh: "RunningMesh", seconds: float | None) -> None:
    """Wait for the time to pass (None: for ever), or for a child to end, which is an error."""
    try:
        async with asyncio.timeout(seconds):
            await mesh.until_child_ends()
    except TimeoutError:
        return


async def until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or SIGINT, SIGTERM or SIGHUP comes; more signals don't hurry its clean-up."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(asked.wait())
    await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def _print_addresses(mesh: "RunningMesh", options: MeshOptions) -> None:
    console = Console(highlight=False, soft_wrap=True)
    described = mesh.describe()
    for name in ("tws", "market", "scan"):
        console.print(f"{name:8}{described[name]}")
    console.print(f"{'traces':8}{described['trace_dir']}")
    console.print(f"{'trading':8}{_trading(options)}")
    symbol = first_symbol(options.source)
    console.print(f"Ready. Try in another terminal: spreadmesh scan {symbol} --watch. Ctrl-C ends.")


def _trading(options: MeshOptions) -> str:
    if not options.trading:
        return "off"
    return "ON, WITH REAL ORDERS" if isinstance(options.source, RealGateway) else "on, with simulated money"


def _journal(source: Source, state_dir: Path | None) -> Path | None:
    """Of orders at a real gateway; as a whole path, for `orders audit` may be typed in another folder."""
    if not isinstance(source, RealGateway):
        return None
    given = os.environ.get("JOURNAL")
    return Path(given).absolute() if given else journal_file(state_dir, f"{source.host}:{source.port}")
