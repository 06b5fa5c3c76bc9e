"""TLS of a client's channels, by the files that its settings name."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import grpc

from mesh.tls.certificates import Certificate, parse_authorities, parse_pair, utc_now
from mesh.tls.settings import ClientTlsSettings
from mesh.watched import Watched

ChannelOptions = tuple[tuple[str, int | str], ...]


class ClientTls(NamedTuple):
    """Whose certificates a client takes, and its own; None: it has none."""

    authorities: bytes
    certificate: Certificate | None

    def credentials(self) -> grpc.ChannelCredentials:
        """For channels of grpc."""
        if self.certificate is None:
            return grpc.ssl_channel_credentials(self.authorities)
        return grpc.ssl_channel_credentials(self.authorities, self.certificate.key, self.certificate.chain)


def watch_client_tls(
    authorities: Path, chain: Path | None, key: Path | None, now: Callable[[], datetime] = utc_now
) -> Watched[ClientTls]:
    """The files of a client, read together.

    Raises:
        OSError, ValueError: They can't be read or used.
    """

    def read() -> ClientTls:
        certificate = parse_pair(chain.read_bytes(), key.read_bytes(), now()) if chain and key else None
        return ClientTls(parse_authorities(authorities.read_bytes()), certificate)

    paths = [path for path in (authorities, chain, key) if path is not None]
    return Watched("certificates of the client", paths, read)


def channel_options(settings: ClientTlsSettings) -> ChannelOptions:
    """The name that the server's certificate is to have, where it isn't that of the address."""
    name = settings.spreadmesh_tls_server_name
    return (("grpc.ssl_target_name_override", name),) if name else ()
