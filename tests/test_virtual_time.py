import asyncio
import time

import pytest

from tests.virtual_time import VirtualLoop, run


def test_an_hour_passes_at_once():
    async def sleep() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - began

    began = time.monotonic()
    assert run(sleep()) == pytest.approx(3600)
    assert time.monotonic() - began < 60


def test_what_was_written_is_read_before_a_timer_goes_off():
    async def converse() -> list[bytes]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(4))
            writer.close()

        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            found = []
            for _ in range(100):
                async with asyncio.timeout(0.001):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"ping")
                    found.append(await reader.read())
                    writer.close()
            return found

    assert run(converse()) == [b"ping"] * 100


def test_a_wait_for_ever_is_told():
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(idle_seconds=0.01))
    with pytest.raises(RuntimeError, match="waits for ever"), runner:
        runner.run(wait())
