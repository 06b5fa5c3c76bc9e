"""What a client sees while the servers behind the gateway, or some of them, are away."""

import pytest

from tests.tws_sim.faults.library import SHARE, Client, client, gateway, option, within


@pytest.mark.parametrize(
    ("name", "options", "first", "then"),
    [
        ("data-kept", {}, 1100, 1102),
        ("server-broken", {}, 2110, 1102),
    ],
)
async def test_kept_data_pause_and_go_on(name: str, options: dict[str, str], first: int, then: int) -> None:
    async with gateway() as bench, client(bench, 1) as one, client(bench, 2) as other:
        ticker = await one.watch(option())
        await other.watch(option())
        before = ticker.modelGreeks
        await bench.gateway.faults.inject(name, client=1, seconds=10, **options)
        await one.hears(first)
        assert await one.ticks_within(9) == 0
        await other.settle()
        assert other.ticks.total() > 100
        assert one.ib.isConnected()
        await bench.pass_time(1)
        await one.hears(then)
        assert await one.ticks_within(1) > 100
        assert ticker.modelGreeks != before
        assert one.codes() == [first, then]
        assert other.codes() == []
        assert bench.gateway.lines.in_use == 2


@pytest.mark.parametrize(
    ("name", "options", "first"), [("data-lost", {}, 1100), ("server-broken", {"data": "lost"}, 2110)]
)
async def test_lost_data_come_only_with_a_new_request(name: str, options: dict[str, str], first: int) -> None:
    async with gateway() as bench, client(bench) as one:
        contracts = [option(strike) for strike in (580, 585, 590)]
        for contract in contracts:
            await one.watch(contract)
        await bench.gateway.faults.inject(name, **options)
        assert await one.ticks_within(5) == 0
        assert bench.gateway.lines.in_use == 3
        await bench.gateway.faults.lift(name)
        await one.hears(1101)
        assert one.codes() == [first, 1101]
        assert bench.gateway.lines.in_use == 0
        assert await one.ticks_within(5) == 0
        one.ib.cancelMktData(contracts[0])
        await one.hears(300)  # the gateway knows the old request no more
        await one.watch(contracts[0])
        assert await one.ticks_within(1) > 100
        assert bench.gateway.lines.in_use == 1


async def test_what_needs_the_servers_stays_unanswered_while_the_link_is_broken() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("data-kept")
        details = one.ib.reqContractDetailsAsync(option())
        chain = one.ib.reqSecDefOptParamsAsync("SPY", "", "STK", SHARE.conId)
        answers = [await within(one.ib.reqPositionsAsync()), await within(one.ib.reqAllOpenOrdersAsync())]
        assert answers == [[], []]
        await bench.gateway.faults.lift()
        await one.settle()
        assert not details.done()
        assert not chain.done()
        assert len(await within(one.ib.reqContractDetailsAsync(option()))) == 1


async def test_a_request_made_while_the_link_is_broken_starts_with_it() -> None:
    async with gateway(ticks_per_second=0) as bench, client(bench) as one:
        await bench.gateway.faults.inject("data-kept")
        ticker = await one.watch(option())
        assert not ticker.hasBidAsk()
        await bench.gateway.faults.lift()
        await bench.pass_time(0.01)
        await one.settle()
        assert ticker.hasBidAsk()


async def test_a_client_that_connects_while_the_link_is_broken_hears_of_it_last() -> None:
    async with gateway() as bench:
        await bench.gateway.faults.inject("data-lost")
        async with client(bench) as late:
            assert [code for _, code in late.told] == [2104, 2104, 2106, 2158, 1100]


@pytest.mark.parametrize(
    ("farm", "broken", "back", "paused", "flowing"),
    [("usopt", 2103, 2104, option(), SHARE), ("usfarm", 2103, 2104, SHARE, option())],
)
async def test_a_market_data_farm_stops_its_contracts_alone(
    farm: str, broken: int, back: int, paused: object, flowing: object
) -> None:
    async with gateway() as bench, client(bench) as one:
        quiet, alive = await one.watch(paused), await one.watch(flowing)
        await bench.gateway.faults.inject("farm-broken", farm=farm, seconds=10)
        await one.hears(broken)
        updates: list[object] = []
        quiet.updateEvent += lambda ticker: updates.append(quiet)
        alive.updateEvent += lambda ticker: updates.append(alive)
        assert await one.ticks_within(9) > 10
        assert quiet not in updates
        assert alive in updates
        del one.told[:]
        await bench.pass_time(1)
        await one.hears(back)
        assert await one.ticks_within(1) > 0
        assert quiet in updates
        assert one.ib.isConnected()


async def test_without_the_historical_farm_history_is_error_162() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("farm-broken", farm="ushmds")
        await one.watch(SHARE)
        bars = await within(one.ib.reqHistoricalDataAsync(SHARE, "", "1 D", "1 hour", "TRADES", useRTH=True))
        assert list(bars) == []
        assert one.codes() == [2105, 162]
        assert await one.ticks_within(1) > 0
        del one.told[:]
        await bench.gateway.faults.lift()
        await one.hears(2106)


async def test_without_the_definitions_farm_contracts_are_never_answered() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("farm-broken", farm="secdefnj")
        await one.hears(2157)
        details = one.ib.reqContractDetailsAsync(option())
        await one.settle()
        assert not details.done()
        del one.told[:]
        await bench.gateway.faults.lift()
        await one.hears(2158)


@pytest.mark.parametrize(("farm", "code"), [("ushmds", 2107), ("usopt", 2108), ("usfarm", 2108)])
async def test_an_idle_farm_is_a_notice_and_nothing_else(farm: str, code: int) -> None:
    async with gateway() as bench, client(bench) as one:
        await one.watch(SHARE)
        await one.watch(option())
        await bench.gateway.faults.inject("farm-inactive", farm=farm)
        await one.hears(code)
        assert one.codes() == [code]
        assert await one.ticks_within(1) > 100


async def test_a_fault_for_one_client_waits_for_it() -> None:
    async with gateway() as bench, client(bench, 1) as one:
        await bench.gateway.faults.inject("data-kept", client=2)
        late = Client(bench, 2)
        await late.connect()
        await late.hears(1100)
        assert one.codes() == []
        late.ib.disconnect()


async def test_streams_of_every_kind_pause_with_the_link_and_end_with_lost_data() -> None:
    async with gateway() as bench, client(bench) as one:
        arrived: list[str] = []
        ticker = one.ib.reqTickByTickData(SHARE, "BidAsk")
        assert one.ib.reqMktDepth(SHARE, isSmartDepth=True) is ticker
        ticker.updateEvent += lambda one: arrived.extend(
            ["tick" for _ in one.tickByTicks] + ["depth" for _ in one.domTicks]
        )
        await one.settle()
        await one.ticks_within(3)
        assert set(arrived) == {"tick", "depth"}
        await bench.gateway.faults.inject("data-kept", seconds=4)
        arrived.clear()
        await one.ticks_within(3)
        assert arrived == []
        await bench.pass_time(1)
        await one.hears(1102)
        await one.ticks_within(3)
        assert set(arrived) == {"tick", "depth"}
        await bench.gateway.faults.inject("farm-broken", farm="usopt")
        arrived.clear()
        await one.ticks_within(3)
        assert set(arrived) == {"tick", "depth"}
        await bench.gateway.faults.inject("farm-broken", farm="usfarm")
        arrived.clear()
        await one.ticks_within(3)
        assert arrived == []
        await bench.gateway.faults.lift()
        await one.ticks_within(3)
        assert set(arrived) == {"tick", "depth"}
        await bench.gateway.faults.inject("data-lost", seconds=1)
        await bench.pass_time(1)
        await one.hears(1101)
        arrived.clear()
        await one.ticks_within(3)
        assert arrived == []
