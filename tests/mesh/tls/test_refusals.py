"""Who may connect, tried through real servers; whoever may not reaches no handler."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct

from mesh.channel import open_channel
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue

METHOD = "/test.Who/Am"
EXPIRED = datetime.now(UTC) - timedelta(seconds=5)


class Reached:
    """Counts the calls that came through."""

    def __init__(self) -> None:
        self.calls = 0

    def service(self) -> Service:
        async def answer(_request: bytes, _context: object) -> bytes:
            self.calls += 1
            return Struct().SerializeToString()

        handlers = {"Am": grpc.unary_unary_rpc_method_handler(answer)}
        generic = grpc.method_handlers_generic_handler("test.Who", handlers)
        return Service("test.Who", lambda server: server.add_generic_rpc_handlers([generic]))


@pytest.fixture
def reached() -> Reached:
    return Reached()


@pytest.fixture
async def address(settings: MeshSettings, reached: Reached) -> AsyncIterator[str]:
    async with serving(settings, [reached.service()]) as server:
        yield server.address


def client_of(mounted: Mounted, **other: object) -> ClientTlsSettings:
    own = {"spreadmesh_tls_cert_file": mounted.certificate, "spreadmesh_tls_key_file": mounted.key}
    return ClientTlsSettings.model_construct(**{"spreadmesh_tls_ca_file": mounted.authorities} | own | other)


async def call(address: str, **options: object) -> bytes:
    async with open_channel(address, **options) as channel:
        return await channel.unary_unary(METHOD)(b"", timeout=20)


async def refusal(address: str, reached: Reached, **options: object) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(address, **options)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert reached.calls == 0
    return caught.value.details()


async def test_a_client_with_a_certificate_of_the_authority_is_served(address, reached, client_tls):
    await call(address, tls=client_tls)
    assert reached.calls == 1


async def test_one_without_is_refused(address, reached, client_tls):
    bare = ClientTlsSettings(spreadmesh_tls_ca_file=client_tls.spreadmesh_tls_ca_file)
    await refusal(address, reached, tls=bare)


async def test_one_of_a_foreign_authority_is_refused(address, reached, authority, tmp_path):
    foreign = Mounted.at(tmp_path / "foreign", issue(Authority(), f"{SPIFFE}/client"), authority.pem)
    await refusal(address, reached, tls=client_of(foreign))


async def test_one_of_a_foreign_authority_of_the_same_name_is_refused(address, reached, authority, tmp_path):
    forged = Mounted.at(tmp_path / "forged", issue(Authority(authority.name)), authority.pem)
    await refusal(address, reached, tls=client_of(forged))


async def test_one_that_has_expired_is_refused(address, reached, authority):
    late = issue(authority, f"{SPIFFE}/client", not_after=EXPIRED)
    credentials = grpc.ssl_channel_credentials(authority.pem, late.key, late.certificate)
    await refusal(address, reached, credentials=credentials)


async def test_a_client_refuses_a_server_of_a_foreign_authority(address, reached, client_files):
    other = client_of(client_files)
    client_files.authorities.resolve().write_bytes(Authority().pem)
    assert "Tls handshake failed" in await refusal(address, reached, tls=other)


async def test_a_client_refuses_a_server_of_another_name(address, reached, client_files):
    other = client_of(client_files, spreadmesh_tls_server_name="gateway.mesh.test")
    assert "Hostname" in await refusal(address, reached, tls=other)


async def test_the_expected_name_may_be_given(tmp_path, authority, reached, client_files):
    named = Mounted.at(tmp_path / "named", issue(authority, dns=["gateway.mesh.test"]))
    settings = MeshSettings(port=0, drain_seconds=0, **{k.lower(): v for k, v in named.server().items()})
    async with serving(settings, [reached.service()]) as server:
        await refusal(server.address, reached, tls=client_of(client_files))
        name = {"spreadmesh_tls_server_name": "gateway.mesh.test"}
        await call(server.address, tls=client_of(client_files, **name))


async def test_plaintext_does_not_reach_a_tls_port(address, reached):
    await refusal(address, reached)


async def test_tls_does_not_reach_a_plaintext_port(reached, client_tls):
    plain = MeshSettings(port=0, drain_seconds=0)
    async with serving(plain, [reached.service()]) as server:
        await refusal(server.address, reached, tls=client_tls)


async def test_without_authorities_of_clients_none_needs_a_certificate(
    reached, server_files: Mounted, client_tls
):
    pair = {"tls_cert_file": server_files.certificate, "tls_key_file": server_files.key}
    async with serving(MeshSettings(port=0, drain_seconds=0, **pair), [reached.service()]) as server:
        bare = ClientTlsSettings(spreadmesh_tls_ca_file=client_tls.spreadmesh_tls_ca_file)
        await call(server.address, tls=bare)
    assert reached.calls == 1


async def test_a_client_refuses_a_server_whose_certificate_has_expired(authority, reached, client_tls):
    late = issue(authority, dns=LOCAL, not_after=EXPIRED)
    server = grpc.aio.server()
    reached.service().register(server)
    credentials = grpc.ssl_server_credentials([(late.key, late.certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        assert "expired" in await refusal(f"127.0.0.1:{port}", reached, tls=client_tls)
    finally:
        await server.stop(None)
