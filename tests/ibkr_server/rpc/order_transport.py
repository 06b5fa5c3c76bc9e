"""Two ways for bytes to the order services: over HTTP/2, or straight to what a server does with them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn

import grpc
from google.rpc.status_pb2 import Status

from mesh.access.authentication import authentication_of
from mesh.access.keys import new_key
from mesh.admission.load_shedder import LoadShedder
from mesh.drain import Drain
from mesh.errors import DETAILS_KEY
from mesh.interceptors.chain import server_interceptor
from mesh.interceptors.handlers import Handler
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from tests.ibkr_server.rpc.order_samples import METHODS, STREAMS, path

ANSWER_SECONDS: Final = 60.0
KEY: Final = new_key()

Send = Callable[[str, bytes], Awaitable[tuple[grpc.StatusCode, str]]]


class Context:
    """A call as a handler sees it; how it ended is in `status` and `told`."""

    def __init__(self) -> None:
        self.status: grpc.StatusCode | None = None
        self.told = ""

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {KEY}"),)

    def time_remaining(self) -> float:
        return ANSWER_SECONDS

    def peer(self) -> str:
        return "ipv4:127.0.0.1:5000"

    def code(self) -> grpc.StatusCode | None:
        return self.status

    def set_code(self, code: grpc.StatusCode) -> None:
        self.status = code

    async def abort(
        self, code: grpc.StatusCode, message: str, trailers: tuple[tuple[str, bytes], ...]
    ) -> NoReturn:
        self.status = code
        self.told = f"{message} {Status.FromString(dict(trailers)[DETAILS_KEY])}"
        raise grpc.aio.AbortError(message)

    async def write(self, _response: object) -> NoReturn:
        """The first answer of a stream is enough."""
        raise asyncio.CancelledError


class Registry:
    """Stands in for the server that generated code adds servicers to."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def add_generic_rpc_handlers(self, handlers: tuple[Any, ...]) -> None:
        for method in METHODS:
            for handler in handlers:
                found = handler.service(_Details(path(method)))
                if found is not None:
                    self.handlers[method] = found

    def add_registered_method_handlers(self, *_: object) -> None:
        """The same once more."""


class _Details:
    def __init__(self, method: str) -> None:
        self.method = method


@asynccontextmanager
async def handled(settings: MeshSettings, services: list[Service]) -> AsyncIterator[Send]:
    """Calls go to the handlers, within all interceptors."""
    registry: Any = Registry()
    for service in services:
        service.register(registry)
    shedder = LoadShedder(settings.call_priorities, settings.call_limits, settings.shed_delay_seconds)
    chain: Any = server_interceptor(Drain(), settings, shedder, authentication_of(settings))
    handlers = {name: chain.wrap(handler, path(name)) for name, handler in registry.handlers.items()}

    async def send(name: str, data: bytes) -> tuple[grpc.StatusCode, str]:
        handler, context = handlers[name], Context()
        code = handler.unary_stream if name in STREAMS else handler.unary_unary
        try:
            answer = await code(handler.request_deserializer(data), context)
            if name not in STREAMS:
                handler.response_serializer(answer)
        except grpc.aio.AbortError:
            assert context.status is not None
            return context.status, context.told
        except asyncio.CancelledError:
            assert name in STREAMS
        return grpc.StatusCode.OK, ""

    yield send


@asynccontextmanager
async def channelled(settings: MeshSettings, services: list[Service]) -> AsyncIterator[Send]:
    """Calls go over a channel."""
    async with serving(settings, services) as server, grpc.aio.insecure_channel(server.address) as channel:
        metadata = (("authorization", f"Bearer {KEY}"),)

        async def send(name: str, data: bytes) -> tuple[grpc.StatusCode, str]:
            try:
                if name in STREAMS:
                    call = channel.unary_stream(path(name))(data, metadata=metadata)
                    await call.read()
                    call.cancel()
                else:
                    await channel.unary_unary(path(name))(data, timeout=ANSWER_SECONDS, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                packed = dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b"")
                return error.code(), f"{error.details()} {Status.FromString(packed)}"
            return grpc.StatusCode.OK, ""

        yield send
