"""A client that leaves while its handler writes is no failure of the handler."""

import asyncio

import grpc
import pytest
from structlog.testing import capture_logs

from mesh.server import Service, serving


async def write_until_it_fails(context) -> None:
    while True:
        await context.write(b"x" * 100_000)


async def write(_request, context) -> None:
    # Shielded, so that the failing write comes first each time, as it does at random without.
    await shielded(write_until_it_fails(context))


async def write_in_a_group(_request, context) -> None:
    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(write_until_it_fails(context))

    await shielded(group())


async def stumble(_request, context) -> None:
    try:
        await write_until_it_fails(context)
    finally:
        raise KeyError("a defect in cleaning up")


async def shielded(work) -> None:
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task


async def events_after_departure(settings, drain, handler) -> list[str]:
    """What the log says once a client has left in the middle of a stream."""
    flood = grpc.method_handlers_generic_handler(
        "test.Flood", {"Watch": grpc.unary_stream_rpc_method_handler(handler)}
    )
    service = Service("test.Flood", lambda server: server.add_generic_rpc_handlers([flood]))
    with capture_logs() as logs:
        async with (
            serving(settings, [service], drain=drain) as server,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            call = channel.unary_stream("/test.Flood/Watch")(b"", timeout=20)
            await call.read()
            call.cancel()
            await asyncio.wait_for(drain.until_idle(), 20)
    return [line["event"] for line in logs]


@pytest.mark.parametrize("handler", [write, write_in_a_group])
async def test_a_client_that_leaves_during_a_write_is_not_logged(settings, drain, handler):
    assert await events_after_departure(settings, drain, handler) == ["serving", "draining", "stopped"]


async def test_a_defect_that_shows_after_a_departure_is_logged(settings, drain):
    assert "handler failed" in await events_after_departure(settings, drain, stumble)
