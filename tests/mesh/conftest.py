"""A small real service over well-known messages, served as every server of the mesh is; spans in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mesh.drain import Drain
from mesh.errors import failed_precondition
from mesh.health import Health
from mesh.logging import configure_logging
from mesh.server import RunningServer, Service, serving
from mesh.settings import MeshSettings

ECHO = "spreadmesh.test.v1.EchoService"


class EchoServicer:
    """Answers each request with itself, or does what its `do` asks for. One method per handler style."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.waiting = asyncio.Event()

    async def act(self, request: Struct) -> Struct:
        match dict(request).get("do"):
            case "raise":
                raise RuntimeError("the password is swordfish")
            case "refuse":
                raise failed_precondition("KILLED", "orders", "the kill switch is on")
            case "wait":
                self.waiting.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self.closed.set()
        return request

    async def unary_unary(self, request: Struct, context: grpc.aio.ServicerContext) -> Struct:
        return await self.act(request)

    async def unary_stream(self, request: Struct, context: grpc.aio.ServicerContext) -> AsyncIterator[Struct]:
        yield await self.act(request)

    async def stream_unary(
        self, requests: AsyncIterator[Struct], context: grpc.aio.ServicerContext
    ) -> Struct:
        last = Struct()
        async for request in requests:
            last = await self.act(request)
        return last

    async def stream_stream(
        self, requests: AsyncIterator[Struct], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[Struct]:
        async for request in requests:
            yield await self.act(request)

    async def unary_writing(self, request: Struct, context: grpc.aio.ServicerContext) -> None:
        await context.write(await self.act(request))

    async def reading_writing(
        self, requests: AsyncIterator[Struct], context: grpc.aio.ServicerContext
    ) -> None:
        while (request := await context.read()) is not grpc.aio.EOF:
            await context.write(await self.act(request))

    def register(self, server: grpc.aio.Server) -> None:
        kinds = {
            "UnaryUnary": (grpc.unary_unary_rpc_method_handler, self.unary_unary),
            "UnaryStream": (grpc.unary_stream_rpc_method_handler, self.unary_stream),
            "StreamUnary": (grpc.stream_unary_rpc_method_handler, self.stream_unary),
            "StreamStream": (grpc.stream_stream_rpc_method_handler, self.stream_stream),
            "UnaryWriting": (grpc.unary_stream_rpc_method_handler, self.unary_writing),
            "ReadingWriting": (grpc.stream_stream_rpc_method_handler, self.reading_writing),
        }
        handlers = {
            name: make(
                code,
                request_deserializer=Struct.FromString,
                response_serializer=Struct.SerializeToString,
            )
            for name, (make, code) in kinds.items()
        }
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(ECHO, handlers)])


METHODS = ["UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream", "UnaryWriting", "ReadingWriting"]
STREAMING = [name for name in METHODS if name != "UnaryUnary"]


class EchoClient:
    """Sends bytes as they are, so that what no client library would produce can be sent too."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    def start(self, method: str, *payloads: bytes, **options: object) -> grpc.aio.Call:
        path = f"/{ECHO}/{method}"
        parse = Struct.FromString
        if method in {"StreamUnary", "StreamStream", "ReadingWriting"}:
            kind = self._channel.stream_unary if method == "StreamUnary" else self._channel.stream_stream
            return kind(path, None, parse)(iter(payloads), timeout=20, **options)
        kind = self._channel.unary_unary if method == "UnaryUnary" else self._channel.unary_stream
        return kind(path, None, parse)(payloads[0], timeout=20, **options)

    async def call(self, method: str, *payloads: bytes, **options: object) -> list[Struct]:
        call = self.start(method, *payloads, **options)
        if method in {"UnaryUnary", "StreamUnary"}:
            return [await call]
        return [response async for response in call]


@pytest.fixture(scope="session", autouse=True)
def _logging() -> None:
    configure_logging()


@pytest.fixture(autouse=True)
def _methods_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services of these tests are in no table of roles, and so closed."""
    monkeypatch.setenv("METHOD_ROLES", "*=viewer")


@pytest.fixture
def settings() -> MeshSettings:
    return MeshSettings(host="127.0.0.1", port=0, drain_seconds=0)


@pytest.fixture
def drain() -> Drain:
    return Drain()


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def echo() -> EchoServicer:
    return EchoServicer()


@pytest.fixture
async def server(
    settings: MeshSettings, drain: Drain, health: Health, echo: EchoServicer
) -> AsyncIterator[RunningServer]:
    async with serving(settings, [Service(ECHO, echo.register)], drain=drain, health=health) as running:
        yield running


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[EchoClient]:
    """A client without the mesh's channel: what any program may send."""
    names = ["grpc.max_send_message_length", "grpc.max_receive_message_length"]
    options = [*((name, -1) for name in names), ("grpc.max_metadata_size", 1 << 20)]
    async with grpc.aio.insecure_channel(server.address, options) as channel:
        yield EchoClient(channel)


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=STREAMING)
def streaming_method(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def _span_memory() -> InMemorySpanExporter:
    memory = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    return memory


@pytest.fixture
def span_memory(_span_memory: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """The spans that have ended, client and server side alike."""
    _span_memory.clear()
    yield _span_memory
    _span_memory.clear()
