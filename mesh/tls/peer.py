"""Who is at the other end of a connection, by its certificate."""

from dataclasses import dataclass
from typing import Any, Final

from mesh.interceptors.handlers import Context

SPIFFE: Final = "spiffe://"


@dataclass(frozen=True)
class PeerIdentity:
    """What the certificate of a client says that one of our authorities has signed."""

    spiffe_id: str | None
    """`spiffe://trust-domain/path`; None where the certificate has no URI, several or another kind."""
    common_name: str
    """For logs only: authorities don't agree on what may stand there."""


def peer_identity(context: Context) -> PeerIdentity | None:
    """The caller's identity; None where the connection proves none: plaintext, or no client certificates.

    A SPIFFE id counts only as the certificate's single URI (SPIFFE X509-SVID, section 2). What else it may be
    called, such as DNS names, is left alone.
    """
    peer: Any = context  # the types of grpc.aio leave out the peer's methods of the servicer context
    proved = peer.auth_context()
    if "x509_pem_cert" not in proved:
        return None
    uris = [_text(uri) for uri in proved.get("peer_uri", ())]
    name = next(iter(proved.get("x509_common_name", ())), b"")
    return PeerIdentity(uris[0] if len(uris) == 1 and _is_spiffe(uris[0]) else None, _text(name))


def _is_spiffe(uri: str) -> bool:
    domain = uri.removeprefix(SPIFFE).partition("/")[0]
    return uri.startswith(SPIFFE) and domain != ""


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
