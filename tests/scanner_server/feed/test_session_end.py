"""However a call ends, nothing of it goes on running."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from mesh.channel import open_channel
from mesh.errors import unavailable
from scanner_server.feed import session as session_module
from scanner_server.feed.session import FeedSession
from tests.scanner_server.scripted_market import ScriptedMarket, ScriptedStream, serve_market

SOON_SECONDS = 0.5
"""Shorter than a ping's period: the next message would end the task of grpc anyway."""


class Refusing:
    """A listener that takes everything but a batch."""

    def on_response(self) -> None: ...

    def on_opened(self, epoch: int) -> None: ...

    def on_confirmed(self, confirmed: object) -> None: ...

    def on_batch(self, batch: QuoteBatch) -> None:
        raise ValueError("refused")

    def on_pong(self, market_time: float) -> None: ...

    def on_heartbeat(self, heartbeat: object) -> None: ...


def clients_tasks() -> set[asyncio.Task[Any]]:
    """All but those of the server, which is in this process too and goes on."""
    names = {task: task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]  # never None
    return {task for task, name in names.items() if not name.startswith(("AioServer", "ScriptedMarket"))}


@asynccontextmanager
async def talking(
    market: ScriptedMarket, address: str
) -> AsyncIterator[tuple[asyncio.Task[None], ScriptedStream]]:
    """A call under way; its tasks must be gone soon after it has ended."""
    async with open_channel(address) as channel:
        before = clients_tasks()
        stub = MarketDataServiceStub(channel)
        session = FeedSession(stub, Refusing(), lambda: {101: 60}, owner="t", credits_count=4)
        running = asyncio.create_task(session.run())
        stream = await market.opened()
        await market.until(lambda: stream.asked == {101: 60})
        begun = clients_tasks() - before
        yield running, stream
        assert running in begun
        assert len(begun) > 1
        _, left = await asyncio.wait(begun, timeout=SOON_SECONDS)
        assert not left


async def ends(running: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        with suppress(grpc.RpcError, TimeoutError, ValueError, asyncio.CancelledError):
            await running


async def cancel(running: asyncio.Task[None], _stream: ScriptedStream) -> None:
    running.cancel()


async def end_well(_running: asyncio.Task[None], stream: ScriptedStream) -> None:
    stream.break_off()


async def end_badly(_running: asyncio.Task[None], stream: ScriptedStream) -> None:
    stream.break_off(unavailable("gone", 1.0))


async def send_what_is_refused(_running: asyncio.Task[None], stream: ScriptedStream) -> None:
    stream.send_quotes([101])


async def fall_silent(_running: asyncio.Task[None], stream: ScriptedStream) -> None:
    stream.says_pong = False


@pytest.mark.parametrize("end", [cancel, end_well, end_badly, send_what_is_refused, fall_silent])
async def test_no_task_is_left(
    end: Callable[[asyncio.Task[None], ScriptedStream], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "SILENCE_SECONDS", 1.5)
    market = ScriptedMarket()
    async with serve_market(market) as address, talking(market, address) as (running, stream):
        await end(running, stream)
        await ends(running)


async def test_no_task_is_left_when_the_server_stops() -> None:
    market = ScriptedMarket()
    serving = serve_market(market)
    address = await serving.__aenter__()
    async with talking(market, address) as (running, _):
        await serving.__aexit__(None, None, None)
        await ends(running)
