"""Servers are restarted under load: client streams go on by themselves, and orders keep every invariant."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import grpc
import pytest
from spreadmesh_client import connect
from spreadmesh_client.orders import OutcomeUnknownError, new_client_order_id

from tests.e2e.restarts.deployment import Deployment, deployed
from tests.e2e.restarts.load import FIRST_SECONDS, Load, running, under_load
from tests.e2e.restarts.rankings import Scanning

LONGEST_GAP_SECONDS: Final = 3.0
SPREAD_SECONDS: Final = 60.0
FLAGGED_SECONDS: Final = 5.0
"""From the signal; a server that may drain tells fresh quotes for a second and a half of it."""
BACK_SECONDS: Final = 60.0
TRADED_SECONDS: Final = 60.0
UNDER_WAY: Final = 5
"""Orders whose calls are under way when their server goes."""

Steps = Sequence[Callable[[], object]]


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("deployment")) as deployment:
        yield deployment


@pytest.mark.timeout(180)
async def test_a_rolling_update_of_the_scanner(mesh: Deployment, capfd: pytest.CaptureFixture[str]) -> None:
    async with connect(scan=mesh.service.target) as client:
        scanning = Scanning(client, streams=12, watches=4)
        async with running(scanning.run()):
            await scanning.until_fresh(time.monotonic(), FIRST_SECONDS)
            scanning.forget()
            for pod in list(mesh.scanners):
                await mesh.replace_scanner(pod)
                await scanning.until_fresh(time.monotonic(), LONGEST_GAP_SECONDS)
            streams = await asyncio.to_thread(mesh.until_spread, SPREAD_SECONDS)
    with capfd.disabled():
        print(f"\nscanners: longest gap {scanning.longest_gap:.2f} s, streams {streams} afterwards;", end="")
        print(f" the slowest of {scanning.answered} calls took {scanning.slowest:.2f} s")
    assert scanning.longest_gap < LONGEST_GAP_SECONDS
    assert scanning.answered > 0 == scanning.empty


@pytest.mark.timeout(180)
async def test_restarts_of_ibkr_server(mesh: Deployment, capfd: pytest.CaptureFixture[str]) -> None:
    async with under_load(mesh) as load:
        for down in (mesh.market.stop, mesh.market.kill):
            told = await restarted(load, [down], [mesh.market.start])
            with capfd.disabled():
                print(f"\nibkr_server, {down.__name__}: {told}", end="")


@pytest.mark.timeout(180)
async def test_everything_is_restarted_at_once(mesh: Deployment, capfd: pytest.CaptureFixture[str]) -> None:
    servers = [mesh.market, *mesh.scanners]
    down = [mesh.simulator.stop, *(server.stop for server in servers)]
    up = [mesh.simulator.__enter__, *(server.start for server in servers)]
    async with under_load(mesh) as load:
        told = await restarted(load, down, up)
    with capfd.disabled():
        print(f"\neverything: {told}")


async def restarted(load: Load, down: Steps, up: Steps) -> str:
    """Take servers down with orders under way, ask for another in vain, and start them again; the times."""
    program = load.trading[0]
    spec = await program.spec(rests=False)
    token = await program.token(spec)
    unanswered, *under_way = (new_client_order_id() for _ in range(1 + UNDER_WAY))
    async with asyncio.TaskGroup() as placing:
        for name in under_way:
            placing.create_task(program.place(name, spec, token))
        began = time.monotonic()
        going = at_once(down)
        flagged = await load.until_flagged(began, FLAGGED_SECONDS)
        await going
        with pytest.raises(OutcomeUnknownError) as failure:
            await load.orders.place(
                spec, client_order_id=unanswered, preview_token=token, timeout_seconds=0.5
            )
        assert failure.value.code is grpc.StatusCode.UNAVAILABLE

        began = time.monotonic()
        starting = at_once(up)
        fresh = await load.until_fresh(began, BACK_SECONDS)
        await starting
    placed = await program.place(unanswered, spec)
    again = await load.orders.place(spec, client_order_id=unanswered)
    assert placed.perm_id in {0, again.perm_id}, "asked again, it is another order"
    await asyncio.gather(*(program.end(name) for name in (unanswered, *under_way)))
    traded = await load.until_traded(began, TRADED_SECONDS)
    return f"flagged after {flagged:.1f} s; fresh {fresh:.1f} s, and traded {traded:.1f} s, after the start"


def at_once(steps: Steps) -> asyncio.Future[list[object]]:
    """Begin all of them."""
    return asyncio.gather(*(asyncio.to_thread(step) for step in steps))
