"""Where the certificates are: of a server, and of a client of the mesh (docs/tls.md).

They are read and held against each other at once, so that what can't be used ends the start.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from mesh.environment import EnvironmentSettings
from mesh.tls.certificates import parse_authorities, parse_chain, parse_pair, utc_now

OptionalFile = Annotated[Path | None, BeforeValidator(lambda given: given or None)]
"""An empty variable is none."""


class TlsSettings(EnvironmentSettings):
    """TLS of a server. Files may be replaced while it runs."""

    tls_cert_file: OptionalFile = Field(
        default=None, description="The server's certificate chain, PEM; without it, plaintext."
    )
    tls_key_file: OptionalFile = Field(default=None, validate_default=True, description="Its key, PEM.")
    tls_client_ca_file: OptionalFile = Field(
        default=None, description="Authorities, PEM; set, every client needs a certificate of one of them."
    )

    @property
    def is_encrypted(self) -> bool:
        """Whether callers reach this server by TLS only."""
        return self.tls_cert_file is not None

    @field_validator("tls_cert_file")
    @classmethod
    def _is_a_certificate(cls, path: Path | None) -> Path | None:
        return _certificate(path)

    @field_validator("tls_key_file")
    @classmethod
    def _is_its_key(cls, path: Path | None, given: ValidationInfo) -> Path | None:
        return _key(path, "tls_cert_file", given)

    @field_validator("tls_client_ca_file")
    @classmethod
    def _are_authorities(cls, path: Path | None, given: ValidationInfo) -> Path | None:
        if path is not None and given.data.get("tls_cert_file", path) is None:
            raise ValueError("TLS_CERT_FILE and TLS_KEY_FILE are needed too")
        return _authorities(path)


class ClientTlsSettings(EnvironmentSettings):
    """TLS of a client: the scanner towards ibkr_server, the library, the command line."""

    spreadmesh_tls_ca_file: OptionalFile = Field(
        default=None, description="Authorities of the servers, PEM; without it, plaintext."
    )
    spreadmesh_tls_cert_file: OptionalFile = Field(
        default=None, description="The client's own certificate chain, PEM, where servers ask for one."
    )
    spreadmesh_tls_key_file: OptionalFile = Field(
        default=None, validate_default=True, description="Its key, PEM."
    )
    spreadmesh_tls_server_name: str = Field(
        default="", description="DNS name of the server's certificate, where the address has another."
    )

    @field_validator("spreadmesh_tls_ca_file")
    @classmethod
    def _trusts_authorities_of_servers(cls, path: Path | None) -> Path | None:
        return _authorities(path)

    @field_validator("spreadmesh_tls_cert_file")
    @classmethod
    def _is_own_certificate(cls, path: Path | None, given: ValidationInfo) -> Path | None:
        if path is not None and given.data.get("spreadmesh_tls_ca_file", path) is None:
            raise ValueError("SPREADMESH_TLS_CA_FILE is needed too, or the channel would be plaintext")
        return _certificate(path)

    @field_validator("spreadmesh_tls_key_file")
    @classmethod
    def _is_own_key(cls, path: Path | None, given: ValidationInfo) -> Path | None:
        return _key(path, "spreadmesh_tls_cert_file", given)


def _certificate(path: Path | None) -> Path | None:
    if path is not None:
        parse_chain(_content(path), utc_now())
    return path


def _key(path: Path | None, of: str, given: ValidationInfo) -> Path | None:
    if of not in given.data:  # which is told already
        return path
    certificate: Path | None = given.data[of]
    if (path is None) != (certificate is None):
        raise ValueError(f"is needed beside {of.upper()}" if certificate else f"{of.upper()} is needed too")
    if path is not None and certificate is not None:
        parse_pair(_content(certificate), _content(path), utc_now())
    return path


def _authorities(path: Path | None) -> Path | None:
    if path is not None:
        parse_authorities(_content(path))
    return path


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}") from None
