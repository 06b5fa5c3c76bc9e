"""What the gateway enforces."""

import pytest

from tests.tws_sim.wire_client import SHARE, WireClient, bench, option
from tws_sim.gateway import Settings


async def errors(client: WireClient) -> list[tuple[str, str]]:
    return [(m[2], m[3]) for m in await client.settled() if m[0] == "4"]


async def test_lines_are_counted_over_all_clients_and_freed_by_cancel_and_disconnect() -> None:
    async with bench(Settings(lines=3)) as gateway, gateway.client(1) as first:
        async with gateway.client(2) as second:
            first.quote(1, SHARE)
            first.quote(2, SHARE)  # the same contract takes another line
            second.quote(1, option())
            assert await errors(second) == []
            assert await errors(first) == []
            first.quote(3, option(595))
            assert await errors(first) == [("3", "101")]
            first.send(2, 2, 2)
            first.quote(4, option(595))
            assert await errors(first) == []
        await gateway.eventually(lambda: len(gateway.gateway.sessions) == 1)
        first.quote(5, option(600))
        assert await errors(first) == []
        counters = gateway.gateway.counters.as_dict()
    assert counters["total"]["max_lines_in_use"] == 3
    assert counters["total"]["errors"] == {"101": 1}
    assert counters["clients"]["2"]["lines_in_use"] == 0
    assert counters["clients"]["1"]["lines_in_use"] == 3


async def test_all_lines_are_free_once_everybody_has_gone() -> None:
    async with bench() as gateway:
        async with gateway.client() as client:
            client.quote(1, SHARE)
            client.quote(2, option(), snapshot=1)
            await client.settled()
            assert gateway.gateway.lines.in_use == 2
        await gateway.eventually(lambda: not gateway.gateway.sessions)
        assert gateway.gateway.lines.in_use == 0
        assert not gateway.gateway.watchers


async def test_messages_beyond_the_rate_are_error_100_and_dropped() -> None:
    async with bench(Settings(message_rate=50)) as gateway, gateway.client() as client:
        gateway.clock.advance(2)
        for _ in range(60):
            client.send(49, 1)
        answers = [await client.receive() for _ in range(60)]
        gateway.clock.advance(1)
        assert await client.settled() == []
        counters = gateway.gateway.counters.as_dict()["clients"]["1"]
    assert [answer[0] for answer in answers].count("49") == 50
    assert [answer[3] for answer in answers if answer[0] == "4"] == ["100"] * 10
    assert counters["messages_received"] == 62  # and startApi
    assert counters["max_messages_per_second"] == 60
    assert counters["errors"] == {"100": 10}


async def test_breaking_the_rate_again_and_again_ends_the_connection() -> None:
    async with bench(Settings(message_rate=5)) as gateway, gateway.client() as client:
        for _ in range(2):
            gateway.clock.advance(2)
            for _ in range(6):
                client.send(49, 1)
            assert [(await client.receive())[0] for _ in range(6)].count("4") == 1
        gateway.clock.advance(2)
        for _ in range(6):
            client.send(49, 1)
        with pytest.raises(ConnectionError, match="'100'"):
            await client.until("never")


async def test_a_request_id_in_use_an_unknown_one_and_bad_lists_are_errors() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.quote(1, SHARE)
        client.quote(1, option())
        client.send(2, 2, 99)
        client.quote(2, SHARE, generic="101,abc")
        client.quote(3, SHARE, generic="9999")
        client.quote(4, SHARE, generic="101", snapshot=1)
        client.quote(5, (*SHARE[:7], "", *SHARE[8:]))
        client.quote(6, option(0, ""))
        found = await errors(client)
        assert gateway.gateway.lines.in_use == 1
    assert found == [
        ("1", "322"), ("99", "300"), ("2", "321"), ("3", "321"), ("4", "321"), ("5", "321"), ("6", "200")
    ]  # fmt: skip
