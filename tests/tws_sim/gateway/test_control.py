import asyncio
import json
from typing import Any

import pytest

from tests.tws_sim.wire_client import SHARE, bench
from tws_sim.control.client import ask
from tws_sim.control.commands import load
from tws_sim.control.server import control_port, respond


async def test_counters_and_clock_over_the_control_port() -> None:
    async with bench() as gateway, gateway.client(3) as client:
        client.quote(1, SHARE)
        client.send(9, 8, 2, *SHARE[:1], "NONE", *SHARE[2:], 0, "", "", "")
        await client.settled()
        async with control_port(gateway.gateway, "127.0.0.1", 0) as address:
            counters = await asyncio.to_thread(ask, address, command="counters")
            clock = await asyncio.to_thread(ask, address, command="clock")
    total = counters["total"]
    assert total["messages_received"] == 4
    assert total["errors"] == {"200": 1}
    assert total["lines_in_use"] == 1
    assert total["ticks_sent"] > 3
    assert counters["clients"] == {"3": total}
    assert clock == {"time": "2026-11-20T10:00:00-05:00", "epoch": 1795186800.0, "speed": 1.0}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"x", "no JSON"),
        (b"[]", "command"),
        (b"{}", "command"),
        (b'{"command": "boom"}', "unknown command 'boom'"),
    ],
)
async def test_what_is_no_command_is_told_so(line: bytes, problem: str) -> None:
    async with bench() as gateway:
        answer: dict[str, Any] = await respond(gateway.gateway, load(), line)
    assert problem in answer["error"]


async def test_a_connection_takes_many_lines_and_ends_with_the_port() -> None:
    async with bench() as gateway:
        async with control_port(gateway.gateway, "127.0.0.1", 0) as address:
            host, _, port = address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            for _ in range(3):
                writer.write(b'{"command": "clock"}\n')
                assert json.loads(await reader.readline())["speed"] == 1.0
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
