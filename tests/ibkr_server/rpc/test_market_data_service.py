"""The service through a real channel, from a real process, on the simulator's socket."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import datetime

import grpc
import pytest
from spreadmesh.common.v1.contract_pb2 import RIGHT_CALL, OptionContract
from spreadmesh.common.v1.feed_pb2 import DATA_ORIGIN_LIVE
from spreadmesh.market.v1 import chain_pb2, gateway_pb2, quotes_pb2
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from ibkr_server.chain.expiration import NEW_YORK
from mesh.errors import from_rpc_error
from tests.tws_sim.process import SimulatorProcess

LINES = 30


@pytest.fixture
async def contracts(stub: MarketDataServiceStub) -> list[OptionContract]:
    request = chain_pb2.GetOptionChainRequest(symbol="SPY")
    return list((await stub.GetOptionChain(request, timeout=30)).contracts)


async def batches(
    call: grpc.aio.StreamStreamCall, *, grant: bool = True
) -> AsyncIterator[quotes_pb2.QuoteBatch]:
    async for response in call:
        if response.HasField("batch"):
            yield response.batch
            if grant:
                await call.write(quotes_pb2.StreamQuotesRequest(grant={"credits": 1}))


async def opened(
    stub: MarketDataServiceStub, con_ids: list[int], owner: str = "test", **options: int
) -> grpc.aio.StreamStreamCall:
    call = stub.StreamQuotes(timeout=60)
    opening = {"owner": owner, "credits": 4} | options
    await call.write(quotes_pb2.StreamQuotesRequest(open=opening))
    await call.write(quotes_pb2.StreamQuotesRequest(add={"con_ids": con_ids, "priority": 10}))
    assert (await call.read()).opened.epoch > 0
    return call


async def test_a_chain_is_ordered_and_dated(contracts: list[OptionContract]) -> None:
    keys = [(c.expiration, c.right, c.strike) for c in contracts]
    assert keys == sorted(keys)
    assert len({c.con_id for c in contracts}) == len(contracts) > 100
    for contract in contracts:
        closes = datetime.fromtimestamp(contract.expiration_time.seconds, NEW_YORK)
        assert closes.hour in (13, 16)
        assert f"{closes:%Y-%m-%d}" <= contract.expiration


async def test_quotes_of_more_contracts_than_lines_all_arrive(
    stub: MarketDataServiceStub, contracts: list[OptionContract], simulator: SimulatorProcess
) -> None:
    wanted = {contract.con_id for contract in contracts[: 2 * LINES]}
    call = await opened(stub, sorted(wanted), greeks=True)
    confirmed = (await call.read()).confirmed.lines
    assert {line.state for line in confirmed} == {quotes_pb2.LINE_STATE_ROTATING}
    seen: set[int] = set()
    sequence = 0
    async for batch in batches(call):
        sequence += 1
        assert batch.sequence == sequence
        assert len(batch.bid) == len(batch.delta) == len(batch.con_id)
        assert set(batch.origin) == {DATA_ORIGIN_LIVE}
        seen |= set(batch.con_id)
        if seen == wanted:
            break
    call.cancel()
    total = simulator.counters()["total"]
    assert total["errors"] == {}
    assert total["max_lines_in_use"] == LINES
    assert isinstance(total["max_messages_per_second"], int)
    assert total["max_messages_per_second"] <= 45


async def test_a_slow_reader_gets_the_latest_when_it_grants_again_and_nothing_before(
    stub: MarketDataServiceStub, contracts: list[OptionContract]
) -> None:
    wanted = [contract.con_id for contract in contracts[:10]]
    call = await opened(stub, wanted, credits=1)
    reader = batches(call, grant=False)
    first = await anext(reader)
    second = asyncio.ensure_future(anext(reader))
    await asyncio.wait({second}, timeout=2.0)
    assert not second.done()
    await call.write(quotes_pb2.StreamQuotesRequest(grant={"credits": 1}))
    batch = await second
    assert (first.sequence, batch.sequence) == (1, 2)
    assert batch.conflated > 0
    assert len(set(batch.con_id)) == len(batch.con_id)
    assert batch.market_time.ToMicroseconds() - max(batch.quote_time_us) < 500_000
    call.cancel()


async def test_an_unknown_contract_is_refused_with_the_gateway_s_reason(stub: MarketDataServiceStub) -> None:
    call = await opened(stub, [123456789])
    async with asyncio.timeout(10):
        async for response in call:
            states = [(line.con_id, line.state) for line in response.confirmed.lines]
            if states == [(123456789, quotes_pb2.LINE_STATE_UNKNOWN_CONTRACT)]:
                assert "200" in response.confirmed.lines[0].reason
                break
    call.cancel()


async def test_pings_are_answered_without_credits(stub: MarketDataServiceStub) -> None:
    call = stub.StreamQuotes(timeout=10)
    await call.write(quotes_pb2.StreamQuotesRequest(open={"owner": "test", "credits": 1}))
    await call.write(quotes_pb2.StreamQuotesRequest(ping={"nonce": 42}))
    assert (await call.read()).HasField("opened")
    pong = (await call.read()).pong
    assert pong.nonce == 42
    assert pong.market_time.seconds > 1_000_000_000
    call.cancel()


async def test_lines_are_listed_and_given_back(
    stub: MarketDataServiceStub, contracts: list[OptionContract]
) -> None:
    wanted = [contract.con_id for contract in contracts[:5]]
    call = await opened(stub, wanted, owner="lister")
    await anext(batches(call))
    listed = await stub.ListMarketDataLines(gateway_pb2.ListMarketDataLinesRequest(), timeout=5)
    ours = {line.con_id: line for line in listed.lines if "lister" in line.owners}
    assert set(ours) == set(wanted)
    assert ours[wanted[0]].name == contracts[0].local_symbol
    call.cancel()
    async with asyncio.timeout(10):
        while listed.wanted:
            listed = await stub.ListMarketDataLines(gateway_pb2.ListMarketDataLinesRequest(), timeout=5)
    assert listed.limit == LINES


async def test_watching_a_share_by_name(stub: MarketDataServiceStub) -> None:
    call = stub.WatchQuotes(quotes_pb2.WatchQuotesRequest(symbols=["spy"]), timeout=20)
    async for response in call:
        if response.HasField("batch"):
            assert 0 < response.batch.bid[0] < response.batch.ask[0]
            assert math.isfinite(response.batch.bid_size[0])
            break
    call.cancel()


async def test_watching_an_option_shows_its_own_open_interest(
    stub: MarketDataServiceStub, contracts: list[OptionContract]
) -> None:
    call = next(contract for contract in contracts if contract.right == RIGHT_CALL)
    watch = stub.WatchQuotes(quotes_pb2.WatchQuotesRequest(con_ids=[call.con_id], greeks=True), timeout=20)
    async for response in watch:
        batch = response.batch
        if batch.open_interest and math.isfinite(batch.open_interest[0]) and math.isfinite(batch.delta[0]):
            assert batch.open_interest[0] >= 0
            assert 0 <= batch.delta[0] <= 1
            break
    watch.cancel()


async def test_status_tells_of_the_gateway(stub: MarketDataServiceStub) -> None:
    status = (await stub.GetGatewayStatus(gateway_pb2.GetGatewayStatusRequest(), timeout=5)).status
    assert status.ready
    assert status.server_version == 176
    assert status.market_speed == 1.0
    assert {farm.state for farm in status.farms} == {gateway_pb2.LINK_STATE_UP}


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        ({"symbol": ""}, grpc.StatusCode.INVALID_ARGUMENT, "symbol"),
        ({"symbol": "A" * 33}, grpc.StatusCode.INVALID_ARGUMENT, "symbol"),
        ({"symbol": "SPY\0X"}, grpc.StatusCode.INVALID_ARGUMENT, "symbol"),
        (
            {"symbol": "SPY", "expiration_from": "tomorrow"},
            grpc.StatusCode.INVALID_ARGUMENT,
            "expiration_from",
        ),
        ({"symbol": "SPY", "expiration_to": "2015-01-16"}, grpc.StatusCode.OUT_OF_RANGE, "expiration_to"),
        (
            {"symbol": "SPY", "expiration_from": "2090-01-03", "expiration_to": "2090-01-02"},
            grpc.StatusCode.INVALID_ARGUMENT,
            "expiration_to",
        ),
    ],
)
async def test_a_bad_chain_request_names_its_field(
    stub: MarketDataServiceStub, request_: dict[str, str], code: grpc.StatusCode, field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.GetOptionChain(chain_pb2.GetOptionChainRequest(**request_), timeout=10)
    error = from_rpc_error(raised.value)
    assert error.code is code
    assert error.details[0].field_violations[0].field == field  # type: ignore[attr-defined]  # BadRequest


async def test_an_unknown_symbol_is_not_found(stub: MarketDataServiceStub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="NOPE"), timeout=10)
    error = from_rpc_error(raised.value)
    assert error.code is grpc.StatusCode.NOT_FOUND
    assert error.details[0].resource_name == "NOPE"  # type: ignore[attr-defined]  # ResourceInfo


@pytest.mark.parametrize(
    ("messages", "field"),
    [
        ([{"add": {"con_ids": [1]}}], "open"),
        ([{"open": {"owner": "", "credits": 1}}], "open.owner"),
        ([{"open": {"owner": "t", "credits": 0}}], "open.credits"),
        ([{"open": {"owner": "t", "credits": 2000}}], "open.credits"),
        ([{"open": {"owner": "t", "credits": 1, "max_rows": 0}}], "open.max_rows"),
        ([{"open": {"owner": "t", "credits": 1}}, {"add": {"con_ids": []}}], "add.con_ids"),
        ([{"open": {"owner": "t", "credits": 1}}, {"add": {"con_ids": [0]}}], "add.con_ids[0]"),
        (
            [{"open": {"owner": "t", "credits": 1}}, {"add": {"con_ids": [1], "priority": 101}}],
            "add.priority",
        ),
        ([{"open": {"owner": "t", "credits": 1}}, {"grant": {"credits": 1024}}], "credits"),
        ([{"open": {"owner": "t", "credits": 1}}, {"open": {"owner": "t", "credits": 1}}], "open"),
        ([{"open": {"owner": "t", "credits": 1}}, {}], "message"),
    ],
)
async def test_a_bad_stream_request_names_its_field(
    stub: MarketDataServiceStub, messages: list[dict[str, object]], field: str
) -> None:
    call = stub.StreamQuotes(timeout=10)
    for message in messages:
        await call.write(quotes_pb2.StreamQuotesRequest(**message))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        async for _ in call:
            pass
    error = from_rpc_error(raised.value)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details[0].field_violations[0].field == field  # type: ignore[attr-defined]  # BadRequest
