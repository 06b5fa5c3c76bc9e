"""Who a caller is, by certificates that were really shown."""

import pytest

from mesh.channel import open_channel
from mesh.server import serving
from mesh.settings import MeshSettings
from mesh.tls.peer import PeerIdentity
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import SPIFFE, Mounted, issue

ID = f"{SPIFFE}/ns/trading/sa/scanner"


@pytest.mark.parametrize(
    ("shown", "spiffe_id"),
    [
        ({"uris": [ID]}, ID),
        ({"uris": [ID], "dns": ["scanner.mesh.test", "10.0.0.1"]}, ID),
        ({"uris": [SPIFFE]}, SPIFFE),
        ({"uris": [ID, f"{SPIFFE}/other"]}, None),
        ({"uris": [ID, "https://mesh.test"]}, None),
        ({"uris": ["https://mesh.test"]}, None),
        ({"uris": ["spiffe:///ns/trading"]}, None),
        ({"dns": [ID]}, None),
        ({"common_name": ID}, None),
        ({}, None),
    ],
)
async def test_a_spiffe_id_is_the_single_uri_of_a_certificate(
    server, who, authority, tmp_path, shown, spiffe_id
):
    mounted = Mounted.at(tmp_path / "shown", issue(authority, **{"common_name": "ann"} | shown))
    tls = ClientTlsSettings(**{name.lower(): value for name, value in mounted.client().items()})
    async with open_channel(server.address, tls=tls) as channel:
        await channel.unary_unary("/test.Who/Am")(b"", timeout=20)
    assert who.callers == [PeerIdentity(spiffe_id, shown.get("common_name", "ann"))]


async def test_plaintext_proves_nobody(who):
    async with (
        serving(MeshSettings(port=0, drain_seconds=0), [who.service()]) as server,
        open_channel(server.address) as channel,
    ):
        await channel.unary_unary("/test.Who/Am")(b"", timeout=20)
    assert who.callers == [None]
