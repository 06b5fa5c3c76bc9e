"""Whatever a client sends, its session answers or ends, and nobody else notices."""

import random

import pytest

from tests.tws_sim.wire_client import SHARE, bench, option
from tws_sim.gateway import Settings
from tws_sim.requests.dispatch import registered

ODDITIES = [
    "",
    "0",
    "-1",
    "7",
    "1e999",
    "nan",
    "9" * 5000,
    "é",
    "SPY",
    "OPT",
    "STK",
    "BAG",
    "SMART",
    "C",
    "USD",
    "101,",
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seed", range(3))
async def test_messages_of_nonsense(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    ids = sorted(registered() - {71})
    async with bench(Settings(message_rate=1_000_000, lines=10_000)) as gateway, gateway.client() as client:
        for message_id in ids * 20:
            client.send(message_id, *chance.choices(ODDITIES, k=chance.randint(0, 25)))
        for _ in range(200):
            fields = [1, 11, chance.randint(1, 50), *option(), 0, "101", 0, 0, ""]
            fields[chance.randrange(3, len(fields))] = chance.choice(ODDITIES)
            client.send(*fields)
            await client.settled()
        await gateway.pass_time(1)
        assert [m[0] for m in await client.settled()] != []
    assert "request failed" not in caplog.text


async def test_bytes_of_nonsense_end_only_their_own_connection() -> None:
    chance = random.Random(1)
    async with bench() as gateway, gateway.client(1) as bystander:
        bystander.quote(1, SHARE)
        for _ in range(50):
            async with gateway.connection() as client:
                client.writer.write(
                    b"API\0" * chance.randint(0, 1) + chance.randbytes(chance.randint(1, 300))
                )
                client.writer.write_eof()
                while await client.receive():
                    pass
        await bystander.settled()
        await gateway.eventually(lambda: len(gateway.gateway.sessions) == 1)
        await gateway.pass_time(1)
        assert any(message[0] == "1" for message in await bystander.settled())


async def test_a_flood_without_reading_is_held_back_by_the_socket() -> None:
    async with bench(Settings(message_rate=10**9, output_limit=4096)) as gateway, gateway.client(1) as client:
        (session,) = gateway.gateway.sessions
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream's transport reads too
        for _ in range(4000):
            client.send(9, 8, 1, *option(0, ""), 0, "", "", "")
        await gateway.eventually(lambda: session.congested)
        assert session.buffered < 256 * 1024
