"""Daily history from a real process on the simulator, and its faults."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from spreadmesh.market.v1 import chain_pb2, gateway_pb2, history_pb2
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from ibkr_server.chain.expiration import NEW_YORK
from mesh.channel import open_channel
from mesh.errors import MeshError, from_rpc_error
from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess
from tws_sim.control.client import ask

TRADES, MIDPOINT, IMPLIED, HISTORICAL = 1, 2, 3, 4
VIOLATION = "Historical Market Data Service error message:Historical data request pacing violation"


async def daily(stub: MarketDataServiceStub, seconds: float = 20, **fields: Any) -> Any:
    request = history_pb2.GetDailyHistoryRequest(**({"kind": IMPLIED, "days": 5} | fields))
    return await stub.GetDailyHistory(request, timeout=seconds)


async def refused(stub: MarketDataServiceStub, **fields: Any) -> MeshError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await daily(stub, **fields)
    return from_rpc_error(raised.value)


@pytest.fixture
async def own(simulator: SimulatorProcess) -> AsyncIterator[MarketDataServiceStub]:
    """A server of its own: what a test breaks in it, no other has to wait for."""
    settings = {"CLIENT_ID": "9", "REQUEST_TIMEOUT_SECONDS": "5"}
    with IbkrServerProcess(simulator.port, settings) as server:
        server.until_serving()
        async with open_channel(server.address) as channel:
            yield MarketDataServiceStub(channel)


def break_history(simulator: SimulatorProcess, name: str, **options: object) -> None:
    options = {"request": "reqHistoricalData", "client": 9} | options
    ask(simulator.addresses["control"], command="fault", name=name, options=options)


@pytest.mark.parametrize("kind", [TRADES, MIDPOINT, IMPLIED, HISTORICAL])
@pytest.mark.parametrize("days", [1, 252, 600])
async def test_sessions_of_every_kind(stub: MarketDataServiceStub, kind: int, days: int) -> None:
    history = await daily(stub, symbol="spy", kind=kind, days=days)
    assert history.underlying.symbol == "SPY"
    dates = [date.fromisoformat(bar.date) for bar in history.bars]
    assert dates == sorted(set(dates))
    assert len(dates) == days
    today = datetime.fromtimestamp(history.market_time.seconds, NEW_YORK).date()
    assert (today - dates[-1]).days <= 4
    assert all(day.weekday() < 5 for day in dates)
    for bar in history.bars:
        assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.HasField("volume") is (kind == TRADES)
    if kind in (IMPLIED, HISTORICAL):
        assert all(0.03 < bar.close < 1 for bar in history.bars)


async def test_a_contract_number_does_as_well(stub: MarketDataServiceStub) -> None:
    named = await daily(stub, symbol="SPY", days=20)
    numbered = await daily(stub, con_id=named.underlying.con_id, days=20)
    assert numbered.underlying == named.underlying
    assert numbered.bars == named.bars
    assert numbered.as_of == named.as_of


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"symbol": "SPY", "kind": 0}, "INVALID_ARGUMENT", "kind"),
        ({"symbol": "SPY", "kind": 77}, "INVALID_ARGUMENT", "kind"),
        ({"symbol": "SPY", "days": 0}, "INVALID_ARGUMENT", "days"),
        ({"symbol": "SPY", "days": 2521}, "INVALID_ARGUMENT", "days"),
        ({}, "INVALID_ARGUMENT", "symbol"),
        ({"symbol": "SP\0Y"}, "INVALID_ARGUMENT", "symbol"),
        ({"con_id": -1}, "INVALID_ARGUMENT", "con_id"),
        ({"con_id": 77}, "NOT_FOUND", "con_id 77"),
        ({"symbol": "NOPE"}, "NOT_FOUND", "NOPE"),
        ({"symbol": "SPX", "security_type": "IND"}, "NOT_FOUND", "OPTION_IMPLIED_VOLATILITY"),
    ],
)
async def test_what_is_refused(
    stub: MarketDataServiceStub, fields: dict[str, Any], code: str, named: str
) -> None:
    error = await refused(stub, **fields)
    assert error.code.name == code
    assert named in error.message


async def test_an_option_has_no_history_here(stub: MarketDataServiceStub) -> None:
    chain = await stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="SPY"), timeout=30)
    assert (await refused(stub, con_id=chain.contracts[0].con_id)).code.name == "NOT_FOUND"


async def test_a_hundred_callers_cost_one_request(own: MarketDataServiceStub) -> None:
    async def sent() -> int:
        status = (await own.GetGatewayStatus(gateway_pb2.GetGatewayStatusRequest(), timeout=5)).status
        return next(int(lane.sent) for lane in status.lanes if lane.name == "history")

    await asyncio.gather(*(daily(own, symbol="SPY", days=30) for _ in range(100)))
    assert await sent() == 1


async def test_a_violation_is_told_with_a_delay_and_kept_for_the_next(
    own: MarketDataServiceStub, simulator: SimulatorProcess
) -> None:
    break_history(simulator, "request-error", code=162, text=VIOLATION, count=1)
    error = await refused(own, symbol="SPY", days=31)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert any(isinstance(detail, RetryInfo) for detail in error.details)
    assert 0 < (error.retry_after_seconds or 0) <= 15
    assert (await refused(own, symbol="SPY", days=31)).message == error.message


async def test_silence_ends_at_the_deadline_and_the_queue_goes_on(
    own: MarketDataServiceStub, simulator: SimulatorProcess
) -> None:
    break_history(simulator, "silence", count=1)
    asked = time.monotonic()
    error = await refused(own, symbol="SPY", days=32)
    assert error.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - asked < 6
    assert len((await daily(own, symbol="SPY", days=33)).bars) == 33


async def test_a_caller_with_less_patience_wedges_nothing(
    own: MarketDataServiceStub, simulator: SimulatorProcess
) -> None:
    break_history(simulator, "silence", count=1)
    with pytest.raises(grpc.aio.AioRpcError):
        await daily(own, symbol="SPY", days=34, seconds=0.5)
    assert len((await daily(own, symbol="SPY", days=35)).bars) == 35
