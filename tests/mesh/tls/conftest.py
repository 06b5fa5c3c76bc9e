"""An authority, mounted certificates of a server and a client, and a service that tells who called."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from mesh.server import RunningServer, Service, serving
from mesh.settings import MeshSettings
from mesh.tls.peer import PeerIdentity, peer_identity
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue

WHO = "test.Who"
Until = Callable[[Callable[[], bool]], object]


class Who:
    """Remembers who called, and answers while it may; a method for each kind of call."""

    def __init__(self) -> None:
        self.callers: list[PeerIdentity | None] = []
        self.answering = asyncio.Event()
        self.answering.set()

    async def am(self, _request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        """The serial number of the caller's certificate."""
        self.callers.append(peer_identity(context))
        await self.answering.wait()
        proved = context.auth_context().get("x509_pem_cert")
        return str(x509.load_pem_x509_certificate(proved[0]).serial_number).encode() if proved else b""

    async def count(self, requests: AsyncIterator[bytes], _context: object) -> AsyncIterator[bytes]:
        """A number for each request."""
        numbers = itertools.count()
        async for _ in requests:
            yield str(next(numbers)).encode()

    async def last(self, requests: AsyncIterator[bytes], _context: object) -> bytes:
        """The last request."""
        return [request async for request in requests][-1]

    async def repeat(self, request: bytes, _context: object) -> AsyncIterator[bytes]:
        """The request, twice."""
        yield request
        yield request

    def service(self) -> Service:
        handlers = {
            "Am": grpc.unary_unary_rpc_method_handler(self.am),
            "Last": grpc.stream_unary_rpc_method_handler(self.last),
            "Repeat": grpc.unary_stream_rpc_method_handler(self.repeat),
            "Count": grpc.stream_stream_rpc_method_handler(self.count),
        }
        generic = grpc.method_handlers_generic_handler(WHO, handlers)
        return Service(WHO, lambda server: server.add_generic_rpc_handlers([generic]))


@pytest.fixture
def who() -> Who:
    return Who()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server_files(tmp_path: Path, authority: Authority) -> Mounted:
    return Mounted.at(tmp_path / "server", issue(authority, f"{SPIFFE}/server", LOCAL))


@pytest.fixture
def client_files(tmp_path: Path, authority: Authority) -> Mounted:
    return Mounted.at(tmp_path / "client", issue(authority, f"{SPIFFE}/client", common_name="ann"))


@pytest.fixture
def settings(server_files: Mounted) -> MeshSettings:
    return MeshSettings(port=0, drain_seconds=0, **lower(server_files.server()))


@pytest.fixture
def client_tls(client_files: Mounted) -> ClientTlsSettings:
    return ClientTlsSettings(**lower(client_files.client()))


@pytest.fixture
async def server(settings: MeshSettings, who: Who) -> AsyncIterator[RunningServer]:
    async with serving(settings, [who.service()]) as running:
        yield running


def lower(environment: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in environment.items()}


@pytest.fixture
def looking_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at whenever they are used, and not once a second."""
    monkeypatch.setattr("mesh.watched.LOOK_SECONDS", 0.0)


@pytest.fixture
def until() -> Until:
    """Waits for a condition."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - calls and channels end without telling
                await asyncio.sleep(0)

    return wait
