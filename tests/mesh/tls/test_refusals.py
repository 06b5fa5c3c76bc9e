"""Who may connect, tried through real servers; whoever may not reaches no handler."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from mesh.channel import open_channel
from mesh.server import serving
from mesh.settings import MeshSettings
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue

METHOD = "/test.Who/Am"
EXPIRED = datetime.now(UTC) - timedelta(seconds=5)


def client_of(mounted: Mounted, **other: str) -> ClientTlsSettings:
    own = {name.lower(): value for name, value in mounted.client().items()}
    return ClientTlsSettings(**own | other)


async def call(address: str, **options: object) -> bytes:
    async with open_channel(address, **options) as channel:
        return await channel.unary_unary(METHOD)(b"", timeout=20)


async def refusal(address: str, who, **options: object) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(address, **options)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert who.callers == []
    return caught.value.details()


async def test_a_client_with_a_certificate_of_the_authority_is_served(server, who, client_tls):
    await call(server.address, tls=client_tls)
    assert [caller.spiffe_id for caller in who.callers] == [f"{SPIFFE}/client"]


async def test_one_without_is_refused(server, who, client_files):
    bare = ClientTlsSettings(spreadmesh_tls_ca_file=client_files.authorities)
    await refusal(server.address, who, tls=bare)


async def test_one_of_a_foreign_authority_is_refused(server, who, authority, tmp_path):
    foreign = Mounted.at(tmp_path / "foreign", issue(Authority("other"), f"{SPIFFE}/client"), authority.pem)
    await refusal(server.address, who, tls=client_of(foreign))


async def test_one_of_a_foreign_authority_of_the_same_name_is_refused(server, who, authority, tmp_path):
    forged = Mounted.at(tmp_path / "forged", issue(Authority(authority.name)), authority.pem)
    await refusal(server.address, who, tls=client_of(forged))


async def test_one_that_has_expired_is_refused(server, who, authority):
    late = issue(authority, f"{SPIFFE}/client", not_after=EXPIRED)
    credentials = grpc.ssl_channel_credentials(authority.pem, late.key, late.certificate)
    await refusal(server.address, who, credentials=credentials)


async def test_plaintext_does_not_reach_a_tls_port(server, who):
    await refusal(server.address, who)


async def test_tls_does_not_reach_a_plaintext_port(who, client_tls):
    plain = MeshSettings(port=0, drain_seconds=0)
    async with serving(plain, [who.service()]) as server:
        await refusal(server.address, who, tls=client_tls)


async def test_a_client_refuses_a_server_of_a_foreign_authority(server, who, client_files):
    client_files.authorities.resolve().write_bytes(Authority("other").pem)
    assert "CERTIFICATE_VERIFY_FAILED" in await refusal(server.address, who, tls=client_of(client_files))


async def test_a_client_refuses_a_server_whose_certificate_has_expired(authority, who, client_tls):
    late = issue(authority, dns=LOCAL, not_after=EXPIRED)
    server = grpc.aio.server()  # one of ours would not start with it
    who.service().register(server)
    credentials = grpc.ssl_server_credentials([(late.key, late.certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        assert "expired" in await refusal(f"127.0.0.1:{port}", who, tls=client_tls)
    finally:
        await server.stop(None)


async def test_a_client_refuses_a_server_of_another_name(server, who, client_files):
    other = client_of(client_files, spreadmesh_tls_server_name="gateway.mesh.test")
    assert "Hostname" in await refusal(server.address, who, tls=other)


async def test_the_expected_name_may_be_given(tmp_path, authority, who, client_files):
    named = Mounted.at(tmp_path / "named", issue(authority, dns=["gateway.mesh.test"]))
    own = {name.lower(): value for name, value in named.server().items()}
    async with serving(MeshSettings(port=0, drain_seconds=0, **own), [who.service()]) as server:
        await refusal(server.address, who, tls=client_of(client_files))
        name = {"spreadmesh_tls_server_name": "gateway.mesh.test"}
        await call(server.address, tls=client_of(client_files, **name))
        assert len(who.callers) == 1


async def test_without_authorities_of_clients_none_needs_a_certificate(who, server_files, client_files):
    pair = {"tls_cert_file": server_files.certificate, "tls_key_file": server_files.key}
    async with serving(MeshSettings(port=0, drain_seconds=0, **pair), [who.service()]) as server:
        await call(server.address, tls=ClientTlsSettings(spreadmesh_tls_ca_file=client_files.authorities))
    assert who.callers == [None]
