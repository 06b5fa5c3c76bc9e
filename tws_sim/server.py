"""The running simulator: its two listeners, its feed, and their end."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tws_sim.clock import Clock
from tws_sim.control.server import control_port
from tws_sim.faults.scenario import Step, playing
from tws_sim.feed import Feed
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.market import Market
from tws_sim.persistence.state import persisted
from tws_sim.requests import answer
from tws_sim.session import Session


@dataclass(frozen=True)
class Addresses:
    """Where to listen; port 0 is any free one."""

    host: str
    port: int
    control_port: int


@asynccontextmanager
async def tws_port(gateway: Gateway, host: str, port: int) -> AsyncIterator[str]:
    """Serve the TWS protocol; yields ``host:port``. Every session ends with the block."""
    async with asyncio.TaskGroup() as tasks:

        def accept() -> Session:
            session = Session(gateway)
            tasks.create_task(session.run(answer))
            return session

        await gateway.listener.start(accept, host, port)
        try:
            async with gateway.faults.running():
                yield gateway.listener.address
        finally:
            gateway.listener.stop()
            for session in list(gateway.sessions):
                session.abort()


@asynccontextmanager
async def feeding(gateway: Gateway) -> AsyncIterator[None]:
    """Send ticks for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        feed = tasks.create_task(Feed(gateway).run())
        try:
            yield
        finally:
            feed.cancel()


async def serve(
    market: Market,
    settings: Settings,
    clock: Clock,
    where: Addresses,
    steps: Sequence[Step] = (),
    *,
    state: Path | None = None,
    as_json: bool,
) -> None:
    """Listen, say so on standard output, and serve until SIGINT or SIGTERM; faults come as ``steps`` say.

    Raises:
        ExceptionGroup: of an OSError, when a port cannot be bound.
        StateError: the file of orders and executions cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(market, settings, clock)
    with persisted(gateway, state):
        async with (
            tws_port(gateway, where.host, where.port) as tws,
            control_port(gateway, where.host, where.control_port) as control,
            feeding(gateway),
            playing(gateway, steps),
        ):
            line = f"TWS at {tws}, control port at {control}"
            sys.stdout.write((json.dumps({"tws": tws, "control": control}) if as_json else line) + "\n")
            sys.stdout.flush()
            await stop.wait()
