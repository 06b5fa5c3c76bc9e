"""The channel that renews its certificates: every kind of call, and every way in which one may end."""

import asyncio

import grpc
import pytest

from mesh.channel import open_channel
from tests.certificates import SPIFFE, issue

pytestmark = pytest.mark.usefixtures("looking_always")


@pytest.fixture
def renew(authority, client_files):
    """Exchange the client's certificate."""
    return lambda: client_files.exchange(issue(authority, f"{SPIFFE}/client"))


@pytest.fixture
async def channel(server, client_tls):
    async with open_channel(server.address, tls=client_tls) as channel:
        yield channel


def am(channel, **options):
    return channel.unary_unary("/test.Who/Am")(b"", timeout=20, **options)


async def counting(channel):
    call = channel.stream_stream("/test.Who/Count")(timeout=20)
    await call.write(b"")
    assert await call.read() == b"0"
    return call


async def test_every_kind_of_call_passes(channel):
    assert await am(channel)
    assert await channel.stream_unary("/test.Who/Last")(iter([b"1", b"2"]), timeout=20) == b"2"
    repeated = channel.unary_stream("/test.Who/Repeat")(b"x", timeout=20)
    assert [each async for each in repeated] == [b"x", b"x"]
    call = await counting(channel)
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert "calls=0" in repr(channel)


async def test_a_channel_is_opened_for_each_renewal_and_not_for_each_call(channel, renew):
    first = channel.inner()
    await am(channel)
    assert channel.inner() is first
    renew()
    await am(channel)
    second = channel.inner()
    assert second is not first
    await am(channel)
    assert channel.inner() is second


async def test_a_stream_keeps_its_channel_open_until_it_is_cancelled(channel, renew, until):
    call = await counting(channel)
    renew()
    await am(channel)
    assert "retiring=1" in repr(channel)
    await call.write(b"")
    assert await call.read() == b"1"
    call.cancel()
    await until(lambda: "retiring=0" in repr(channel))


async def test_one_that_is_cancelled_before_it_began_does_not(channel, renew, until):
    call = channel.stream_stream("/test.Who/Count")(timeout=20)
    call.cancel()
    renew()
    await am(channel)
    await until(lambda: "retiring=0" in repr(channel))


async def test_a_task_that_is_cancelled_in_a_call_does_not(channel, renew, who, until):
    who.answering.clear()
    task = asyncio.create_task(_awaiting(am(channel)))
    await until(lambda: len(who.callers) == 1)
    renew()
    later = am(channel)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: "retiring=0" in repr(channel))
    who.answering.set()
    await later


async def test_one_that_fails_does_not(channel, renew, until):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await channel.unary_unary("/test.Who/Missing")(b"", timeout=20)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    renew()
    await am(channel)
    await until(lambda: "retiring=0" in repr(channel))


async def test_calls_that_began_in_the_moment_of_the_renewal_all_succeed(channel, renew):
    calls = [am(channel)]
    for _ in range(10):
        renew()
        calls.append(am(channel))
    assert len({await call for call in calls}) == 11


async def test_closing_cancels_what_runs_on_every_channel(channel, renew):
    old = await counting(channel)
    renew()
    new = await counting(channel)
    await channel.close()
    assert "retiring=0" in repr(channel)
    for call in (old, new):
        assert await call.code() is grpc.StatusCode.CANCELLED
    with pytest.raises(grpc.aio.UsageError):
        await am(channel)


async def test_closing_with_grace_lets_what_runs_end(channel, renew, who, until):
    who.answering.clear()
    old = am(channel)
    await until(lambda: len(who.callers) == 1)
    renew()
    new = am(channel)
    await until(lambda: len(who.callers) == 2)
    closing = asyncio.create_task(channel.close(20))
    await asyncio.sleep(0)
    who.answering.set()
    await closing
    assert await old != await new


async def test_it_tells_its_state_as_any_channel_does(channel):
    assert channel.get_state() is grpc.ChannelConnectivity.IDLE
    async with asyncio.timeout(20):
        await channel.channel_ready()
        assert channel.get_state() is grpc.ChannelConnectivity.READY
        await channel.wait_for_state_change(grpc.ChannelConnectivity.IDLE)


async def _awaiting(call):
    return await call
