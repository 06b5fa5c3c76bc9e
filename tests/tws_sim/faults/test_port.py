"""What a client sees of the port, of restarts and of client ids."""

import pytest

from tests.tws_sim.faults.library import Client, client, gateway, within
from tests.tws_sim.wire_client import Bench
from tws_sim.faults.fault import FaultError


async def refused(bench: Bench) -> bool:
    late = Client(bench, 77)
    try:
        await late.connect()
    except ConnectionRefusedError:
        return True
    late.ib.disconnect()
    return False


async def test_new_connections_are_refused_for_a_while_and_old_ones_go_on() -> None:
    async with gateway() as bench, client(bench) as old:
        await bench.gateway.faults.inject("refuse-connections", seconds=5)
        assert await refused(bench)
        await old.settle()
        await bench.pass_time(5)
        await bench.eventually(lambda: not bench.gateway.faults.as_list())
        assert not await refused(bench)


async def test_the_port_opens_once_nobody_keeps_it_shut() -> None:
    async with gateway() as bench:
        first = await bench.gateway.faults.inject("refuse-connections")
        second = await bench.gateway.faults.inject("restart")
        await bench.gateway.faults.lift(first)
        assert await refused(bench)
        await bench.gateway.faults.lift(second)
        assert not await refused(bench)


async def test_a_restart_ends_every_connection_and_comes_back_on_the_same_port() -> None:
    async with gateway() as bench, client(bench, 1) as one, client(bench, 2) as two:
        await bench.gateway.faults.inject("restart", seconds=20)
        await one.ended()
        await two.ended()
        assert await refused(bench)
        bench.clock.advance(19)
        assert await refused(bench)
        bench.clock.advance(1)
        await bench.eventually(lambda: not bench.gateway.faults.as_list())
        await one.connect()
        await one.settle()


async def test_the_daily_restart_comes_at_its_time_every_day() -> None:
    async with gateway() as bench, client(bench) as one:  # it is ten o'clock
        await bench.gateway.faults.inject("daily-restart", at="10:30", downtime=60)
        bench.clock.advance(29 * 60)
        await one.settle()
        bench.clock.advance(60)
        await one.ended()
        assert await refused(bench)
        bench.clock.advance(60)
        await bench.eventually(lambda: len(bench.gateway.faults.as_list()) == 1)
        await one.connect()
        await one.settle()
        bench.clock.advance(24 * 3600 - 120)
        await one.settle()
        bench.clock.advance(60)
        await one.ended()
        assert bench.gateway.counters.total.faults["daily-restart"] == 1


async def test_lifting_the_daily_restart_keeps_it_from_coming() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("daily-restart", at="10:30")
        assert await bench.gateway.faults.lift("daily-restart") == 1
        bench.clock.advance(3600)
        await one.settle()


async def test_a_port_reset_announces_the_new_port_and_drops_the_connection() -> None:
    async with gateway() as bench, client(bench) as one:
        texts: list[str] = []
        one.ib.errorEvent += lambda request, code, text, contract: texts.append(text)
        await bench.gateway.faults.inject("port-reset", port=0)
        await one.ended()
        port = int(bench.gateway.listener.address.rpartition(":")[2])
        assert one.codes() == [1300]
        assert texts[-1].endswith(f"new port - {port}")
        assert port != bench.port
        assert await refused(bench)
        bench.port = port
        await one.connect()
        await one.settle()


async def test_a_port_reset_without_a_port_only_drops_the_connections() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("port-reset")
        await one.ended()
        assert one.codes() == [1300]
        await one.connect()


async def test_a_port_that_is_taken_is_an_error_and_nothing_happens() -> None:
    async with gateway() as bench, gateway() as other, client(bench) as one:
        with pytest.raises(FaultError, match=f"port {other.port}"):
            await bench.gateway.faults.inject("port-reset", port=other.port)
        await one.settle()
        assert not await refused(bench)


async def test_a_client_id_stays_in_use_for_a_while_after_its_socket() -> None:
    async with gateway() as bench, client(bench, 5) as one:
        await bench.gateway.faults.inject("client-id-stays", client=5, linger=30)
        await bench.gateway.faults.inject("fin", client=5)
        await one.ended()
        await bench.eventually(lambda: not bench.gateway.sessions)
        again = Client(bench, 5)
        with pytest.raises((ConnectionError, TimeoutError)):
            await again.ib.connectAsync("127.0.0.1", bench.port, clientId=5, timeout=0.3)
        assert again.codes() == [326]
        async with client(bench, 6):
            pass
        bench.clock.advance(30)
        await again.connect()
        await within(again.ib.reqCurrentTimeAsync())
        again.ib.disconnect()
