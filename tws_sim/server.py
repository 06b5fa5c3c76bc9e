"""The running simulator: its two listeners, its tasks, and their end."""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass

from tws_sim.clock import Clock
from tws_sim.control.commands import load
from tws_sim.control.server import LINE_LIMIT, ControlPort
from tws_sim.feed import Feed
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.market import Market
from tws_sim.session import Session


@dataclass(frozen=True)
class Addresses:
    """Where to listen; port 0 is any free one."""

    host: str
    port: int
    control_port: int


async def serve(market: Market, settings: Settings, clock: Clock, where: Addresses, as_json: bool) -> None:
    """Listen, say so on standard output, and serve until SIGINT or SIGTERM.

    Raises:
        OSError: a port cannot be bound.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(market, settings, clock)
    async with asyncio.TaskGroup() as tasks:

        def accept() -> Session:
            session = Session(gateway)
            tasks.create_task(session.run())
            return session

        control = ControlPort(gateway, load())
        tws = await loop.create_server(accept, where.host, where.port)
        async with (
            tws,
            await asyncio.start_server(
                control.serve, where.host, where.control_port, limit=LINE_LIMIT
            ) as controls,
        ):
            feed = tasks.create_task(Feed(gateway).run())
            _announce(tws, controls, as_json)
            await stop.wait()
            feed.cancel()
            for session in list(gateway.sessions):
                session.abort()
            control.close()


def _announce(tws: asyncio.Server, controls: asyncio.Server, as_json: bool) -> None:
    addresses = {
        name: "{}:{}".format(*server.sockets[0].getsockname()[:2])
        for name, server in (("tws", tws), ("control", controls))
    }
    line = json.dumps(addresses) if as_json else "TWS at {tws}, control port at {control}".format(**addresses)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
