"""Who a caller is, for the purpose of limits."""

from typing import Any, Final

from mesh.access.roles import ANONYMOUS, current
from mesh.interceptors.handlers import Context

CLIENT_KEY: Final = "x-client"
LONGEST_NAME: Final = 64


def client_of(context: Context) -> str:
    """The name of its API key, else the identity that TLS has proved, else its host and `x-client`.

    Without both the name is on trust: it lets honest programs on one machine have a budget each.
    """
    caller = current.get(None)
    if caller is not None and caller.name != ANONYMOUS:
        return caller.name
    peer: Any = context  # the types of grpc.aio leave out the peer's methods of the servicer context
    proved = peer.auth_context()
    for key in ("peer_spiffe_id", peer.peer_identity_key()):
        if key and proved.get(key):
            return str(proved[key][0].decode(errors="replace"))
    host = _host(peer.peer())
    claimed = next((value for key, value in peer.invocation_metadata() or () if key == CLIENT_KEY), "")
    return f"{host} {claimed[:LONGEST_NAME]}" if claimed else host


def _host(peer: str) -> str:
    """`ipv4:127.0.0.1:5000` and its like without the port, which differs with each connection."""
    return peer.rpartition(":")[0] if peer.startswith(("ipv4:", "ipv6:")) else peer
