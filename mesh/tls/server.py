"""The credentials of a server, which follow the files they are made from."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from mesh.logging import get_logger
from mesh.telemetry.observe import observe_gauge
from mesh.tls.certificates import Certificate, parse_authorities, parse_pair, utc_now
from mesh.tls.settings import TlsSettings
from mesh.watched import Watched

log = get_logger(__name__)


class ServerTls(NamedTuple):
    """What a server shows, and whose certificates it takes; None: it asks clients for none."""

    certificate: Certificate
    client_authorities: bytes | None


def server_credentials(
    settings: TlsSettings, now: Callable[[], datetime] = utc_now
) -> grpc.ServerCredentials | None:
    """Credentials that take up new files for the next connection; None where no certificate is set.

    Connections that are open go on with what they began with. The files are looked at when a client connects
    and when the expiry is measured, so nothing runs in the background.

    Raises:
        OSError, ValueError: The files can't be read or used.
    """
    chain, key, authorities = settings.tls_cert_file, settings.tls_key_file, settings.tls_client_ca_file
    if chain is None or key is None:
        return None
    files = watch_server_tls(chain, key, authorities, now)
    first = files.current()
    served = [first]

    def renewed() -> Any:  # None changes nothing, which the types of grpc leave out
        # The core of gRPC calls this in threads of its own, before each handshake.
        tls = files.current()
        if tls is served[0]:
            return None
        served[0] = tls
        _tell(tls)
        return _configuration(tls)

    def expiry() -> float:
        return files.current().certificate.not_after.timestamp()

    _tell(first)
    observe_gauge(
        "spreadmesh.tls.certificate_expiry_timestamp",
        expiry,
        "When the server's certificate ends, unix time.",
        "s",
    )
    return grpc.dynamic_ssl_server_credentials(
        _configuration(first), renewed, require_client_authentication=first.client_authorities is not None
    )


def watch_server_tls(
    chain: Path, key: Path, authorities: Path | None, now: Callable[[], datetime] = utc_now
) -> Watched[ServerTls]:
    """The files of a server, read together.

    Raises:
        OSError, ValueError: They can't be read or used.
    """

    def read() -> ServerTls:
        certificate = parse_pair(chain.read_bytes(), key.read_bytes(), now())
        return ServerTls(certificate, parse_authorities(authorities.read_bytes()) if authorities else None)

    paths = [path for path in (chain, key, authorities) if path is not None]
    return Watched("certificates of the server", paths, read)


def _configuration(tls: ServerTls) -> grpc.ServerCertificateConfiguration:
    pair = (tls.certificate.key, tls.certificate.chain)
    return grpc.ssl_server_certificate_configuration([pair], tls.client_authorities)


def _tell(tls: ServerTls) -> None:
    asked = tls.client_authorities is not None
    log.info("serving by TLS", expires=f"{tls.certificate.not_after:%FT%TZ}", client_certificates=asked)
