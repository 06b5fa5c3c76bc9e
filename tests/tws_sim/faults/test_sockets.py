"""What a client sees when its socket is struck."""

import pytest

from tests.tws_sim.faults.library import SHARE, Client, client, gateway, option, within
from tws_sim.faults.fault import FaultError
from tws_sim.gateway import Settings


@pytest.mark.parametrize(("name", "problem"), [("fin", "Peer closed connection"), ("rst", "reset by peer")])
async def test_an_end_of_the_connection_strikes_one_client_and_frees_its_lines(
    name: str, problem: str
) -> None:
    async with gateway() as bench, client(bench, 1) as struck, client(bench, 2) as other:
        await struck.watch(SHARE)
        await other.watch(SHARE)
        await bench.gateway.faults.inject(name, client=1)
        await struck.ended()
        await bench.eventually(lambda: bench.gateway.lines.in_use == 1)
        await other.settle()
        assert problem in struck.ends[0]
        assert other.ends == []
        counters = bench.gateway.counters.as_dict()
        assert counters["total"]["faults"] == counters["clients"]["1"]["faults"] == {name: 1}
        assert counters["clients"]["2"]["faults"] == {}
        await struck.connect()
        await struck.settle()


async def test_all_clients_are_struck_where_none_is_named() -> None:
    async with gateway() as bench, client(bench, 1) as one, client(bench, 2) as two:
        await bench.gateway.faults.inject("fin")
        await one.ended()
        await two.ended()


async def test_a_client_that_is_not_there_cannot_be_struck() -> None:
    async with gateway() as bench:
        with pytest.raises(FaultError, match="client 9 is not connected"):
            await bench.gateway.faults.inject("rst", client=9)
        assert bench.gateway.counters.total.faults == {}


async def test_a_black_hole_keeps_the_socket_and_answers_afterwards() -> None:
    async with gateway() as bench, client(bench, 1) as held, client(bench, 2) as other:
        await held.watch(option())
        await bench.gateway.faults.inject("black-hole", client=1, seconds=30)
        held.ticks.clear()
        answer = held.ib.reqCurrentTimeAsync()
        assert await other.ticks_within(29) == 0
        assert held.ib.isConnected()
        assert not answer.done()
        assert held.ticks.total() == 0
        await bench.pass_time(1)
        await within(answer)
        assert await held.ticks_within(1) > 100
        assert held.ends == []


async def test_a_black_hole_swallows_new_connections_for_longer_than_the_gateway_waits_for_a_start() -> None:
    async with gateway() as bench, client(bench, 2) as before:
        number = await bench.gateway.faults.inject("black-hole")
        late = Client(bench, 1)
        with pytest.raises(TimeoutError):
            await late.ib.connectAsync("127.0.0.1", bench.port, clientId=1, timeout=0.05)
        await bench.pass_time(100)
        assert before.ib.isConnected()
        await bench.gateway.faults.lift(number)
        await before.settle()
        await late.connect()
        late.ib.disconnect()


async def test_what_a_client_says_into_a_black_hole_is_read_afterwards() -> None:
    async with gateway() as bench, client(bench, 1) as held, client(bench, 2) as other:
        await held.watch(SHARE)
        await bench.gateway.faults.inject("black-hole", client=1)
        held.ib.cancelMktData(SHARE)
        for _ in range(3):
            await other.settle()
        assert bench.gateway.lines.in_use == 1
        await bench.gateway.faults.lift("black-hole")
        await bench.eventually(lambda: bench.gateway.lines.in_use == 0)


async def test_what_the_gateway_says_into_a_black_hole_arrives_afterwards() -> None:
    async with gateway() as bench, client(bench, 1) as held, client(bench, 2) as other:
        await bench.gateway.faults.inject("black-hole", client=1)
        await bench.gateway.faults.inject("data-kept")
        await other.hears(1100)
        await other.settle()
        assert held.codes() == []
        await bench.gateway.faults.lift("black-hole")
        await held.hears(1100)


async def test_the_deadline_of_a_start_stands_still_in_a_black_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tws_sim.session._OPENING_SECONDS", 0.05)
    async with gateway() as bench, bench.connection() as quiet:
        await bench.gateway.faults.inject("black-hole")
        with pytest.raises(TimeoutError):
            await Client(bench, 1).ib.connectAsync("127.0.0.1", bench.port, clientId=1, timeout=0.2)
        await bench.gateway.faults.lift()
        await quiet.start(7)
        await quiet.settled()


async def test_a_black_hole_holds_a_bounded_number_of_ticks_back() -> None:
    async with gateway(Settings(output_limit=4096)) as bench, client(bench) as held:
        await held.watch(option())
        await bench.gateway.faults.inject("black-hole")
        for _ in range(500):
            await bench.pass_time(0.1)
        (session,) = bench.gateway.sessions
        assert session.counters.ticks_conflated > 100
        held.ticks.clear()
        await bench.gateway.faults.lift()
        await bench.pass_time(0.01)
        await held.settle()
        assert 0 < held.ticks.total() < 500  # of 50,000 that were due


async def test_a_delay_lies_between_its_bounds_and_keeps_the_order() -> None:
    async with gateway() as bench, client(bench, 1) as late, client(bench, 2) as other:
        await bench.gateway.faults.inject("delay", client=1, by=0.075, jitter=0.05)
        arrived: list[int] = []
        for turn in range(20):
            late.ib.reqContractDetailsAsync(SHARE).add_done_callback(lambda _, n=turn: arrived.append(n))
            await other.settle()
        bench.clock.advance(0.024)
        await other.settle()
        assert arrived == []
        bench.clock.advance(0.102)
        await bench.eventually(lambda: len(arrived) == 20)
        assert arrived == sorted(arrived)


async def test_what_is_on_its_way_arrives_when_a_delay_is_lifted() -> None:
    async with gateway() as bench, client(bench) as late:
        await bench.gateway.faults.inject("delay", by=60)
        answer = late.ib.reqCurrentTimeAsync()
        await bench.eventually(lambda: any(session._on_the_wire for session in bench.gateway.sessions))
        assert not answer.done()
        await bench.gateway.faults.lift("delay")
        await within(answer)
        await late.settle()


async def test_two_slow_wires_before_one_socket_are_refused() -> None:
    async with gateway() as bench, client(bench):
        await bench.gateway.faults.inject("delay", by=1)
        with pytest.raises(FaultError, match="lift it first"):
            await bench.gateway.faults.inject("byte-by-byte", client=1)


async def test_bytes_come_one_at_a_time_and_mean_the_same() -> None:
    async with gateway() as bench, client(bench) as slow:
        sizes: list[int] = []
        slow.ib.client.conn.hasData += lambda data: sizes.append(len(data))
        await bench.gateway.faults.inject("byte-by-byte")
        (details,) = await within(slow.ib.reqContractDetailsAsync(option()))
        assert details.contract.strike == 590
        assert sum(sizes) > 500
        assert sizes.count(1) > 0.9 * len(sizes)  # the loop may have read two at once
        await bench.gateway.faults.lift()
        await slow.settle()
        assert max(sizes) > 1


async def test_a_client_can_synchronise_over_a_wire_of_single_bytes() -> None:
    async with gateway() as bench:
        await bench.gateway.faults.inject("byte-by-byte")
        async with client(bench) as slow:
            assert slow.ib.managedAccounts() == ["DU4242424"]
            assert len(slow.ib.accountValues()) > 20
