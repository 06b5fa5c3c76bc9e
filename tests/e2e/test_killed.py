"""Each of the three processes is killed and started again while a client streams: it sees a pause."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from typing import Final

import pytest
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import Client, connect

from tests.e2e.following import Followed, FollowedQuotes, FollowedRankings
from tests.processes import ServerProcess, free_port
from tests.tws_sim.process import SimulatorProcess

KILLS: Final = int(os.environ.get("SPREADMESH_KILLS", "2"))
FLAGGED_SECONDS: Final = 3.0
BACK_SECONDS: Final = 10.0
START_SECONDS: Final = 90.0
"""The first start of all: the scanner may compile."""
AWAY_SECONDS: Final = (0.0, 8.0)
"""How long a process stays away after its loss was noticed, in turn."""
NAMES: Final = ("tws_sim", "ibkr_server", "scanner_server")
SPEC: Final = ScanSpec(
    underlying="SPY", filters=ScanFilters(days_to_expiration=Range(lower=1, upper=21)), limit=10
)


class Mesh:
    """Three processes on ports that they keep."""

    def __init__(self) -> None:
        port = str(free_port())
        market = ["synthetic", "--symbols", "SPY", "--seed", "7", "--lines", "300", "--port", port]
        self.simulator = SimulatorProcess(market)
        self.market = ServerProcess("ibkr_server", {"TWS_PORT": port, "MAX_SUBSCRIPTIONS": "300"})
        self.scanner = ServerProcess("scanner_server", {"IBKR_SERVER": self.market.address})

    def kill(self, name: str) -> None:
        if name == "tws_sim":
            assert self.simulator.stop(signal.SIGKILL)[0] == -signal.SIGKILL
        else:
            self._server(name).kill()

    def start(self, name: str) -> None:
        if name == "tws_sim":
            self.simulator.__enter__()
        else:
            self._server(name).start()

    def _server(self, name: str) -> ServerProcess:
        return {"ibkr_server": self.market, "scanner_server": self.scanner}[name]


@pytest.fixture
def mesh() -> Iterator[Mesh]:
    mesh = Mesh()
    with ExitStack() as running:
        running.enter_context(mesh.simulator)
        for server in (mesh.market, mesh.scanner):
            running.enter_context(server).until_serving(START_SECONDS)
        yield mesh


@dataclass(frozen=True)
class Streams:
    """What a program reads all the time."""

    quotes: FollowedQuotes
    rankings: FollowedRankings

    @property
    def all(self) -> list[Followed]:
        return [self.quotes, self.rankings]

    def behind(self, name: str) -> list[Followed]:
        """The streams that need the process."""
        return [self.rankings] if name == "scanner_server" else self.all


@asynccontextmanager
async def streaming(client: Client) -> AsyncIterator[Streams]:
    chain = await client.market.get_option_chain("SPY")
    con_ids = [contract.con_id for contract in chain.contracts[:20]]
    streams = Streams(FollowedQuotes(con_ids), FollowedRankings())
    tasks = [
        asyncio.create_task(streams.quotes.follow(client.market.stream_quotes(con_ids))),
        asyncio.create_task(streams.rankings.follow(client.scans.stream_scan(SPEC))),
    ]
    try:
        yield streams
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in ended:
            task.result()


async def kill_and_restart(mesh: Mesh, name: str, streams: Streams, away_seconds: float) -> dict[str, float]:
    """Seconds until each stream was flagged, and from the restart until it was fresh again."""
    behind = streams.behind(name)
    killed = time.monotonic()
    mesh.kill(name)
    times = {
        f"{stream.name} flagged": await stream.until_flagged(killed, FLAGGED_SECONDS) for stream in behind
    }
    await asyncio.sleep(away_seconds)
    assert all(stream.is_flagged for stream in behind), "fresh without a source"
    started = time.monotonic()
    starting = asyncio.create_task(asyncio.to_thread(mesh.start, name))
    for stream in behind:
        times[f"{stream.name} back"] = await stream.until_fresh(started, BACK_SECONDS)
    await starting
    assert streams.quotes.is_fresh, "quotes do not need the scanner"
    return times


@pytest.mark.timeout(120 + 45 * KILLS)
async def test_streams_go_on_by_themselves(
    mesh: Mesh, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    worst: dict[str, float] = {}
    async with (
        connect(market=mesh.market.address, scan=mesh.scanner.address) as client,
        streaming(client) as streams,
    ):
        for stream in streams.all:
            await stream.until_fresh(time.monotonic(), START_SECONDS)
        for turn, name in product(range(KILLS), NAMES):
            times = await kill_and_restart(mesh, name, streams, AWAY_SECONDS[turn % len(AWAY_SECONDS)])
            for what, seconds in times.items():
                worst[f"{name}: {what}"] = max(seconds, worst.get(f"{name}: {what}", 0.0))
    assert "Traceback" not in capfd.readouterr().err
    assert not [record for record in caplog.records if record.name == "asyncio"]
    with capfd.disabled():
        print(f"\nlongest of {KILLS} kills each:")
        for what, seconds in worst.items():
            print(f"  {what} after {seconds:.2f} s")
