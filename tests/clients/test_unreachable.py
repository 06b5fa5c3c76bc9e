"""What a person reads when TLS keeps a command from its server, by real handshakes that fail."""

from pathlib import Path

import grpc
import pytest
from spreadmesh_client.cli.run import describe

from mesh.channel import open_channel
from mesh.errors import from_rpc_error
from mesh.server import serving
from mesh.settings import MeshSettings
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import LOCAL, Authority, Mounted, issue


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> Mounted:
    return Mounted.at(tmp_path / "files", issue(authority, dns=LOCAL))


def lower(environment: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in environment.items()}


async def told(server: dict[str, str], client: dict[str, str]) -> str:
    """The line about a call to such a server by such a client, `{}` for its address."""
    settings = MeshSettings(port=0, drain_seconds=0, **lower(server))
    async with (
        serving(settings, []) as running,
        open_channel(running.address, tls=ClientTlsSettings(**lower(client))) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20)
    return describe(from_rpc_error(caught.value)).replace(running.address, "{}")


async def test_tls_that_is_wanted_and_not_spoken(files: Mounted) -> None:
    assert (await told(files.server(), {})).startswith("the server at {} hangs up: it may want TLS")


async def test_a_certificate_that_is_wanted_and_not_shown(files: Mounted) -> None:
    bare = {"SPREADMESH_TLS_CA_FILE": str(files.authorities)}
    assert (await told(files.server(), bare)).startswith("the server at {} hangs up: it may want TLS")


async def test_tls_that_is_spoken_and_not_understood(files: Mounted) -> None:
    assert (await told({}, files.client())).startswith("the server at {} speaks no TLS")


async def test_a_server_of_another_name(files: Mounted) -> None:
    other = files.client() | {"SPREADMESH_TLS_SERVER_NAME": "other.test"}
    line = await told(files.server(), other)
    assert line.startswith("the certificate of the server at {} has another name: SPREADMESH_TLS_SERVER_NAME")


async def test_a_server_of_another_authority(files: Mounted, tmp_path: Path) -> None:
    other = Mounted.at(tmp_path / "other", issue(Authority("other")))
    line = await told(files.server(), other.client())
    assert line.startswith("the certificate of the server at {} is of no authority in SPREADMESH_TLS_CA_FILE")
