"""A drain ends what is open, and what opens after it."""

import asyncio

import pytest

from mesh.drain import Drain


async def stream(drain: Drain) -> None:
    async with asyncio.timeout(None) as scope:
        with drain.ending(scope):
            await asyncio.Event().wait()


async def test_the_end_cuts_every_open_stream():
    drain = Drain()
    streams = [asyncio.create_task(stream(drain)) for _ in range(3)]
    await asyncio.sleep(0)
    assert repr(drain) == "<Drain idle streams=3>"
    drain.end()
    results = await asyncio.wait_for(asyncio.gather(*streams, return_exceptions=True), 5)
    assert [type(result) for result in results] == [TimeoutError] * 3
    await asyncio.wait_for(drain.until_idle(), 5)
    assert repr(drain) == "<Drain over streams=0>"


async def test_a_stream_that_comes_too_late_is_cut_at_once():
    drain = Drain()
    drain.end()
    late = asyncio.create_task(stream(drain))
    done, _ = await asyncio.wait([late], timeout=5)
    assert late in done
    with pytest.raises(TimeoutError):
        await late
    assert drain.open_streams == 0


async def test_the_notice_cuts_nothing():
    drain = Drain()
    running = asyncio.create_task(stream(drain))
    await asyncio.sleep(0)
    drain.begin()
    await asyncio.wait_for(drain.wait(), 5)
    assert drain.has_begun
    assert not drain.is_over
    assert not running.done()
    assert repr(drain) == "<Drain begun streams=1>"
    drain.end()
    await asyncio.gather(running, return_exceptions=True)
