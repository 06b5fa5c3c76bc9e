"""What a client sees when its requests get errors or silence, and when limits change."""

import pytest
from ib_insync import Stock

from tests.tws_sim.faults.library import SHARE, Client, client, gateway, option, within
from tws_sim.gateway import Settings


@pytest.mark.parametrize("code", [162, 200, 321, 322, 366])
async def test_the_next_request_of_a_kind_fails_and_the_one_after_it_does_not(code: int) -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("request-error", request="reqContractDetails", code=code)
        await one.settle()  # other requests are none of its business
        assert await within(one.ib.reqContractDetailsAsync(option())) == []
        assert one.codes() == [code]
        assert one.told[-1][0] > 0
        assert len(await within(one.ib.reqContractDetailsAsync(option()))) == 1
        await bench.eventually(lambda: bench.gateway.faults.as_list() == [])
        assert bench.gateway.counters.total.errors[code] == 1


async def test_an_error_for_several_requests_of_one_client() -> None:
    async with gateway() as bench, client(bench, 1) as one, client(bench, 2) as other:
        options = {"code": 162, "text": "no permission", "count": 2, "client": 1}
        await bench.gateway.faults.inject("request-error", request="reqHeadTimeStamp", **options)
        texts: list[str] = []
        one.ib.errorEvent += lambda request, code, text, contract: texts.append(text)
        await within(one.ib.reqHeadTimeStampAsync(SHARE, "TRADES", useRTH=True, formatDate=1))
        assert texts == ["no permission"]
        assert len(bench.gateway.faults.as_list()) == 1
        await within(one.ib.reqHeadTimeStampAsync(SHARE, "TRADES", useRTH=True, formatDate=1))
        assert texts == ["no permission", "no permission"]
        await bench.eventually(lambda: bench.gateway.faults.as_list() == [])
        assert other.codes() == []


async def test_silence_for_a_while_on_requests_of_a_kind() -> None:
    async with gateway() as bench, client(bench, 1) as one, client(bench, 2) as other:
        await bench.gateway.faults.inject("silence", request="reqContractDetails", seconds=10, client=1)
        unanswered = one.ib.reqContractDetailsAsync(option())
        await one.settle()
        assert len(await within(other.ib.reqContractDetailsAsync(option()))) == 1
        bench.clock.advance(10)
        await bench.eventually(lambda: bench.gateway.faults.as_list() == [])
        assert len(await within(one.ib.reqContractDetailsAsync(option()))) == 1
        assert not unanswered.done()


async def test_silence_on_open_orders_makes_a_client_give_up_its_synchronisation() -> None:
    async with gateway() as bench:
        await bench.gateway.faults.inject("silence", request="reqOpenOrders", count=1)
        one = Client(bench, 1)
        await one.ib.connectAsync("127.0.0.1", bench.port, clientId=1, timeout=0.3)
        assert one.ib.isConnected()
        assert bench.gateway.faults.as_list() == []
        assert await within(one.ib.reqOpenOrdersAsync()) == []
        one.ib.disconnect()


async def test_a_rate_said_to_be_broken_is_errors_100_and_the_end() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("rate-broken", client=1, warnings=2)
        await one.ended()
        assert one.codes() == [100, 100]
        await one.connect()
        await bench.gateway.faults.inject("rate-broken", cut=False)
        await one.settle()
        assert one.codes() == [100] * 5


async def test_another_message_rate_holds_for_a_while() -> None:
    async with gateway(Settings(message_rate=1000)) as bench, client(bench) as one:
        bench.clock.advance(1)
        await bench.gateway.faults.inject("rate-limit", limit=3)
        for _ in range(6):
            one.ib.client.reqIds(1)
        await bench.eventually(lambda: one.codes() == [100] * 3)
        await bench.gateway.faults.lift()
        for _ in range(6):
            await one.settle()
        assert one.codes() == [100] * 3


async def test_lines_cut_at_run_time_end_the_newest_requests() -> None:
    async with gateway(Settings(message_rate=1000, lines=5)) as bench, client(bench) as one:
        oldest = await one.watch(SHARE)
        for strike in (580, 585, 590):
            await one.watch(option(strike))
        newest = [request for request, ticker in one.ib.wrapper.reqId2Ticker.items()][-2:]
        await bench.gateway.faults.inject("lines", limit=2)
        await one.settle()
        assert one.told[-2:] == [(request, 101) for request in reversed(newest)]
        await one.watch(Stock("SPY", "SMART", "USD", conId=756733))
        assert one.codes() == [101] * 3
        assert bench.gateway.lines.in_use == 2
        assert await one.ticks_within(2) > 0
        assert oldest.hasBidAsk()
        await bench.gateway.faults.lift()
        for strike in (600, 605, 610):
            await one.watch(option(strike))
        assert one.codes() == [101] * 3
        await one.watch(option(615))
        assert one.codes() == [101] * 4


async def test_the_next_order_id_goes_forward_and_back() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("next-order-id", value=5000)
        async with client(bench, 2) as two:
            assert two.ib.client.getReqId() >= 5000
        told: list[int] = []
        one.ib.wrapper.nextValidId = told.append
        await bench.gateway.faults.inject("next-order-id", value=7)
        one.ib.client.reqIds(1)
        await one.settle()
        assert told == [7, 7]
