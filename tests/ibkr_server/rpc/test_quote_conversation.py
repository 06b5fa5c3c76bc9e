"""However a stream ends, its lines are given back."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
from spreadmesh.market.v1 import quotes_pb2 as pb

from ibkr_server.market import Market
from ibkr_server.rpc import quote_conversation
from ibkr_server.rpc.quote_conversation import QuoteConversation
from ibkr_server.settings import IbkrSettings


@pytest.fixture
def market() -> Market:
    return Market(IbkrSettings())


class Caller:
    """Opens a stream, asks for contracts and says nothing more; slow to go when it is cancelled."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.leaving = asyncio.Event()
        self.may_leave = asyncio.Event()

    async def requests(self) -> AsyncIterator[pb.StreamQuotesRequest]:
        yield pb.StreamQuotesRequest(open={"owner": "test", "credits": 1})
        yield pb.StreamQuotesRequest(add={"con_ids": [1, 2, 3]})
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.leaving.set()
            await self.may_leave.wait()


async def converse(market: Market, caller: Caller) -> None:
    async with QuoteConversation(market, caller.requests()) as conversation:
        async for _ in conversation:
            pass


async def test_a_cancelled_stream_gives_its_lines_back(market: Market) -> None:
    caller = Caller()
    caller.may_leave.set()
    stream = asyncio.create_task(converse(market, caller))
    await caller.asked.wait()
    assert len(market.lines.book) == 3
    stream.cancel()
    await asyncio.wait({stream})
    assert len(market.lines.book) == 0


async def test_also_when_it_is_cancelled_again_while_it_ends(market: Market) -> None:
    caller = Caller()
    stream = asyncio.create_task(converse(market, caller))
    await caller.asked.wait()
    stream.cancel()
    await caller.leaving.wait()
    stream.cancel()
    await asyncio.wait({stream})
    assert len(market.lines.book) == 0
    caller.may_leave.set()


async def test_a_reader_that_pings_hears_a_heartbeat_all_the_same(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quote_conversation, "HEARTBEAT_SECONDS", 0.05)
    pings = itertools.count()

    async def requests() -> AsyncIterator[pb.StreamQuotesRequest]:
        yield pb.StreamQuotesRequest(open={"owner": "test", "credits": 1})
        for nonce in pings:
            await asyncio.sleep(0.01)
            yield pb.StreamQuotesRequest(ping={"nonce": nonce})

    async with asyncio.timeout(5), QuoteConversation(market, requests()) as conversation:
        async for response in conversation:
            if response.HasField("heartbeat"):
                assert response.heartbeat.stale
                break
    assert next(pings) > 2
