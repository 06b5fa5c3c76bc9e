"""Who may call, and from where (docs/access.md)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from mesh.access.addresses import checked_url, is_loopback
from mesh.access.identities import parse_identities
from mesh.access.keys import parse_keys
from mesh.access.permissions import DEFAULT_ROLES, parse_least_role
from mesh.access.roles import Caller, Role, parse_role
from mesh.environment import over
from mesh.methods import MethodTable
from mesh.tls.settings import OptionalFile, TlsSettings

OptionalText = Annotated[str | None, BeforeValidator(lambda given: given or None)]
"""An empty variable is none."""


def _role(given: object) -> Role:
    return given if isinstance(given, Role) else parse_role(str(given))


class AccessSettings(TlsSettings):
    """How callers are known, what each role may do, and the address, which must not be open by accident."""

    api_keys_file: OptionalFile = Field(
        default=None, description="Callers, one line each: name, role, SHA-256 of the key."
    )
    identities_file: OptionalFile = Field(
        default=None, description="Workloads, one line each: SPIFFE ID, role, and a name where it trades."
    )
    oidc_issuer: OptionalText = Field(
        default=None, description="OpenID Connect issuer whose tokens name callers, https://…"
    )
    oidc_audience: str = Field(
        default="", validate_default=True, description="What `aud` of a token must hold."
    )
    oidc_role_claim: str = Field(
        default="spreadmesh_role", min_length=1, description="Claim with the role, or several."
    )
    oidc_name_claim: str = Field(
        default="sub", min_length=1, description="Claim with the name, unique and never given to another."
    )
    oidc_jwks_url: OptionalText = Field(
        default=None, description="The issuer's keys, where its discovery document is not to be asked."
    )
    anonymous_role: Annotated[Role, PlainValidator(_role)] = Field(
        default=Role.PREVIEWER, description="Role of everybody where there is no way to know callers."
    )
    insecure: Literal["allowed", "plaintext", "refused"] = Field(
        default="refused",
        description="Beyond this machine: plaintext, which something else encrypts, or allowed, all of it.",
    )
    method_roles: Annotated[MethodTable[Role | None], over(DEFAULT_ROLES, parse_least_role)] = DEFAULT_ROLES
    host: str = Field(default="127.0.0.1", description="Address to listen on.")

    @property
    def knows_callers(self) -> bool:
        """Whether callers are told apart."""
        return any((self.api_keys_file, self.identities_file, self.oidc_issuer))

    @property
    def is_open_to_all(self) -> bool:
        """Whether whoever reaches the port from another machine may call."""
        return not (self.knows_callers or is_loopback(self.host))

    @property
    def is_readable_by_all(self) -> bool:
        """Whether what is said beyond this machine is not encrypted here."""
        return not (self.is_encrypted or is_loopback(self.host))

    @field_validator("api_keys_file")
    @classmethod
    def _are_keys(cls, path: Path | None) -> Path | None:
        return _checked(path, parse_keys)

    @field_validator("identities_file")
    @classmethod
    def _are_identities(cls, path: Path | None, given: ValidationInfo) -> Path | None:
        if path is not None and given.data.get("tls_client_ca_file", path) is None:
            raise ValueError("TLS_CLIENT_CA_FILE is needed too: without it no certificate is asked for")
        return _checked(path, parse_identities)

    @field_validator("oidc_issuer", "oidc_jwks_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        return None if url is None else checked_url(url)

    @field_validator("oidc_audience")
    @classmethod
    def _is_told(cls, audience: str, given: ValidationInfo) -> str:
        if given.data.get("oidc_issuer") and not audience:
            raise ValueError("is needed beside OIDC_ISSUER, or its tokens for others would count here")
        return audience

    @field_validator("host")
    @classmethod
    def _is_guarded(cls, host: str, given: ValidationInfo) -> str:
        said = given.data
        if is_loopback(host) or said.get("insecure") == "allowed":
            return host
        ways = ("api_keys_file", "oidc_issuer", "identities_file")
        if all(said.get(way, way) is None for way in ways):  # one that is wrong is told already
            names = ", ".join(way.upper() for way in ways)
            raise ValueError(f"beyond this machine callers must be known, by {names}; or INSECURE=allowed")
        if said.get("tls_cert_file", host) is None and said.get("insecure") != "plaintext":
            raise ValueError(
                "beyond this machine TLS_CERT_FILE and TLS_KEY_FILE are needed, or INSECURE=plaintext where "
                "something else encrypts"
            )
        return host


def _checked(path: Path | None, parse: Callable[[str], Mapping[str, Caller]]) -> Path | None:
    if path is not None:
        try:
            parse(path.read_text())
        except OSError as error:
            raise ValueError(f"can't be read: {error.strerror}") from None
    return path
