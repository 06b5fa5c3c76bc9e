"""A simulator and a server of one cell, as processes, and the ways to hurt them."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from tests.known_market import START, SYMBOL
from tws_sim.control.client import ask

SERVER = {
    "LOG_LEVEL": "WARNING",
    "LOG_FORMAT": "json",
    "DRAIN_SECONDS": "0",
    "LINE_LINGER_SECONDS": "0",
    "TRADING": "enabled",
    "ANONYMOUS_ROLE": "operator",
    "ACK_SECONDS": "0.4",
    "RECONCILE_RETRY_SECONDS": "0.3",
    "RECONCILE_EVERY_SECONDS": "3",
    "REQUEST_TIMEOUT_SECONDS": "2",
    "CONNECT_TIMEOUT_SECONDS": "2",
    "OTEL_SDK_DISABLED": "true",
}
SIMULATOR = (
    "--start",
    f"{START:%Y-%m-%dT%H:%M}",
    "--symbols",
    SYMBOL,
    "--liveliness",
    "0.1",
    "--ticks-per-second",
    "20",
)
IMPORT_SECONDS = 120.0
EXCHANGE = "ack-delay=0.02,fill-delay=0.05"


_ports = count(random.SystemRandom().randrange(15_000, 28_000))


def quiet_ports(number: int) -> list[int]:
    """Ports below those that the kernel gives away: nobody takes them while a server is down."""
    found: list[int] = []
    while len(found) < number:
        with socket.socket() as probe, suppress(OSError):
            candidate = next(_ports)
            probe.bind(("127.0.0.1", candidate))
            found.append(candidate)
    return found


class Nursery:
    """Forks processes that have imported everything already."""

    async def __aenter__(self) -> Self:
        self._asking = asyncio.Lock()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.order_faults.nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._process.kill()
        await self._process.wait()

    async def start(
        self, module: str, arguments: list[str], environment: dict[str, str], output: Path
    ) -> int:
        """Start `module`; returns the number of the process."""
        request = {
            "module": module,
            "arguments": arguments,
            "environment": environment,
            "output": str(output),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._asking, asyncio.timeout(IMPORT_SECONDS):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            answer = await self._process.stdout.readline()
        number: int = json.loads(answer)["process"]
        return number


@dataclass
class Child:
    """A process of the nursery."""

    number: int

    @property
    def alive(self) -> bool:
        return Path(f"/proc/{self.number}").exists()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal if it still lives."""
        if self.alive:
            os.kill(self.number, number)

    async def until_dead(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        for _ in range(round(seconds / 0.01)):
            if not self.alive:
                return True
            await asyncio.sleep(0.01)
        return False


class World:
    """The two processes, their ports and files."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self._nursery = nursery
        self.folder = folder
        port, self._tws_port, self._control_port = quiet_ports(3)
        self.address = f"127.0.0.1:{port}"

    @property
    def journal(self) -> Path:
        return self.folder / "orders.db"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    async def __aenter__(self) -> Self:
        ports = ["--port", str(self._tws_port), "--control-port", str(self._control_port)]
        arguments = ["synthetic", *SIMULATOR, *ports, "--orders", EXCHANGE]
        number = await self._nursery.start("tws_sim", arguments, {}, self.folder / "simulator.log")
        self.simulator = Child(number)
        try:
            await self._until_listening()
        except BaseException:  # nobody else would end the process that was begun
            await self.__aexit__()
            raise
        return self

    async def _until_listening(self) -> None:
        for _ in range(500):
            try:
                await self.ask(command="counters")
                return
            except OSError:  # not there yet
                await asyncio.sleep(0.02)
        raise TimeoutError((self.folder / "simulator.log").read_text())

    async def __aexit__(self, *exc: object) -> None:
        for child in (getattr(self, "server", None), self.simulator):
            if child is not None:
                child.signal(signal.SIGKILL)
                await child.until_dead(5)

    async def ask(self, **request: object) -> dict[str, Any]:
        """What the simulator's control port answers.

        Raises:
            AssertionError: It answers with an error.
        """
        answer = await asyncio.to_thread(ask, f"127.0.0.1:{self._control_port}", **request)
        assert "error" not in answer, answer
        return answer

    async def fault(self, name: str, **options: object) -> None:
        """Start a fault."""
        await self.ask(command="fault", name=name, options=options)

    async def lift(self) -> None:
        """End all faults."""
        await self.ask(command="lift")

    async def ledger(self) -> dict[str, Any]:
        """The simulator's orders and executions: the truth."""
        return await self.ask(command="ledger")

    async def start_server(self, crash_at: str = "") -> None:
        """Start the server, to be killed at a failpoint if one is given."""
        own = {
            "PORT": self.address.rpartition(":")[2],
            "TWS_PORT": str(self._tws_port),
            "JOURNAL": str(self.journal),
            "SPREADMESH_FAILPOINT": crash_at,
        }
        self.server = Child(await self._nursery.start("ibkr_server", [], SERVER | own, self.log))

    async def kill_server(self) -> None:
        """SIGKILL."""
        self.server.signal(signal.SIGKILL)
        assert await self.server.until_dead(5)
