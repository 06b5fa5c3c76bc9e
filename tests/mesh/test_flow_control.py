"""Credits and conflation together over a real channel: a slow reader gets few messages, all of them fresh."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BytesValue, Int64Value

from mesh.channel import open_channel
from mesh.conflation import DirtySet
from mesh.credits import Credits, CreditsClosed
from mesh.errors import from_rpc_error
from mesh.server import Service, serving

KEYS = 8


class Ticker:
    """Values of a few keys; a stream sends the latest of those that changed, one message for each credit."""

    def __init__(self) -> None:
        self.latest = dict.fromkeys(range(KEYS), 0)
        self.dirty = DirtySet[int](KEYS)
        self.credits = Credits(maximum=4)
        self.sent = 0

    def publish(self, key: int, value: int) -> None:
        self.latest[key] = value
        self.dirty.mark(key)

    async def stream(self, grants: AsyncIterator[Int64Value], _context: object) -> AsyncIterator[BytesValue]:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.receive(grants))
            try:
                while True:
                    await self.credits.acquire()
                    await self.dirty.wait()
                    self.sent += 1
                    yield BytesValue(value=bytes(self.latest[key] for key in self.dirty.take(KEYS)))
            except CreditsClosed:
                return

    async def receive(self, grants: AsyncIterator[Int64Value]) -> None:
        async for grant in grants:
            self.credits.grant(grant.value)
        self.credits.close()

    def register(self, server: grpc.aio.Server) -> None:
        handler = grpc.stream_stream_rpc_method_handler(
            self.stream,
            request_deserializer=Int64Value.FromString,
            response_serializer=BytesValue.SerializeToString,
        )
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("test.Ticker", {"Stream": handler})]
        )


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
async def call(settings, ticker):
    service = Service("test.Ticker", ticker.register)
    async with serving(settings, [service]) as server, open_channel(server.address) as channel:
        stream = channel.stream_stream(
            "/test.Ticker/Stream", Int64Value.SerializeToString, BytesValue.FromString
        )
        call = stream(timeout=20)
        yield call
        call.cancel()


async def test_a_reader_gets_no_more_than_it_asked_for_and_always_the_latest(ticker, call):
    for value in range(1, 100):
        for key in range(KEYS):
            ticker.publish(key, value)
        if value % 10 == 0:
            await call.write(Int64Value(value=1))
            assert (await call.read()).value == bytes([value] * KEYS)
            assert ticker.sent == value // 10
    assert ticker.dirty.conflated == 99 * KEYS - 9 * KEYS - KEYS


async def test_granting_too_much_ends_the_stream_with_the_field(ticker, call):
    await call.write(Int64Value(value=5))
    with pytest.raises(grpc.RpcError) as caught:
        await call.read()
    error = from_rpc_error(caught.value)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details[0].field_violations[0].field == "credits"


async def test_the_stream_ends_when_the_reader_has_no_more_to_ask(ticker, call):
    await call.write(Int64Value(value=1))
    ticker.publish(0, 7)
    assert (await call.read()).value == b"\7"
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK
