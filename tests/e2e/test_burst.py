"""A hundred requests at once: every one is answered, the urgent first, and the gateway is never pressed."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh_client import Client, connect

from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess
from tws_sim.recording.file import Direction, read
from tws_sim.wire.framing import split_fields

STREAMS, CLIENTS = 33, 4
URGENT, PATIENT = 90, 10
QUOTED, OTHERS = "SPY", ("AAPL", "MSFT")
CONTRACT_DETAILS, MARKET_DATA = "9", "1"
ON_ITS_WAY = 1
"""A less urgent message that has its turn already when the urgent ones come may go first, and no other."""


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    symbols = ",".join([QUOTED, *OTHERS])
    with SimulatorProcess(["synthetic", "--symbols", symbols, "--seed", "7", "--lines", "100"]) as running:
        yield running


@pytest.fixture
def recording(simulator: SimulatorProcess, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A port behind which every message to the simulator is written down with its time, and the file."""
    file = tmp_path / "session"
    record = ["record", "--upstream", simulator.addresses["tws"], "--out", str(file)]
    with SimulatorProcess(record) as proxy:
        yield proxy.port, file


@pytest.fixture
def server(recording: tuple[int, Path]) -> Iterator[IbkrServerProcess]:
    with IbkrServerProcess(recording[0], {"MAX_SUBSCRIPTIONS": "100"}) as running:
        running.until_serving()
        yield running


async def test_a_hundred_requests_at_once(
    simulator: SimulatorProcess, server: IbkrServerProcess, recording: tuple[int, Path]
) -> None:
    async with clients(server.address) as connected:
        chain = await connected[0].market.get_option_chain(QUOTED)
        days = sorted({contract.expiration for contract in chain.contracts})
        for symbol in OTHERS:  # who it is and what it has is known then, so that a chain is one message
            await expiration_of(connected[0], symbol, days[0])
        urgent, patient = contracts(chain, days[1]), contracts(chain, days[2])
        quotes = [(con_id, PATIENT) for con_id in patient] + [(con_id, URGENT) for con_id in urgent]
        asked = [first_quote(connected[i % CLIENTS], *quote) for i, quote in enumerate(quotes)]
        chains = [(symbol, day) for symbol in OTHERS for day in days[1:]][: 100 - len(asked)]
        asked += [expiration_of(connected[i % CLIENTS], *one) for i, one in enumerate(chains)]
        assert len(asked) == 100
        before = messages(recording[1])
        async with asyncio.timeout(30):
            await asyncio.gather(*asked)
    sent = messages(recording[1])[len(before) :]
    assert_in_order([kinds(sent, CONTRACT_DETAILS), of(sent, urgent), of(sent, patient)])
    assert [len(kinds(sent, CONTRACT_DETAILS)), len(of(sent, urgent + patient))] == [len(chains), 2 * STREAMS]
    counters: Any = simulator.counters()["total"]
    assert counters["max_messages_per_second"] <= 45
    assert counters["errors"] == {}


@asynccontextmanager
async def clients(address: str) -> AsyncIterator[list[Client]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connect(market=address)) for _ in range(CLIENTS)]


async def expiration_of(client: Client, symbol: str, day: str) -> None:
    """One chain, answered with the contracts of the day and nothing else."""
    only = date.fromisoformat(day)
    chain = await client.market.get_option_chain(symbol, expiration_from=only, expiration_to=only)
    assert {(contract.symbol, contract.expiration) for contract in chain.contracts} == {(symbol, day)}


async def first_quote(client: Client, con_id: int, priority: int) -> None:
    """One stream, read until the contract's ask has come."""
    stream = client.market.stream_quotes([con_id], owner="burst", priority=priority)
    async with stream:
        async for event in stream:
            if isinstance(event, QuoteBatch) and not math.isnan(event.ask[0]):
                assert list(event.con_id) == [con_id]
                return


def contracts(chain: GetOptionChainResponse, day: str) -> list[int]:
    return [contract.con_id for contract in chain.contracts if contract.expiration == day][:STREAMS]


def messages(file: Path) -> list[list[str]]:
    """What the server has sent to the gateway so far, in order."""
    return [
        split_fields(record.payload)
        for record in read(file).records
        if record.direction is Direction.FROM_CLIENT
    ]


def kinds(sent: list[list[str]], message_id: str) -> list[int]:
    return [place for place, fields in enumerate(sent) if fields[0] == message_id]


def of(sent: list[list[str]], con_ids: list[int]) -> list[int]:
    """Places of the subscriptions to these contracts."""
    wanted = {str(con_id) for con_id in con_ids}
    return [place for place in kinds(sent, MARKET_DATA) if sent[place][3] in wanted]


def assert_in_order(classes: list[list[int]]) -> None:
    """The last of one class is sent before the next begins, but for what was on its way."""
    for urgent, patient in pairwise(classes):
        early = sum(place < max(urgent) for place in patient)
        assert early <= ON_ITS_WAY, f"{early} went before one that is more urgent"
