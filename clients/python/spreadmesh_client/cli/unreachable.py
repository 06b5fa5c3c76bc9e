"""Why no connection came about, in words; by how the core of gRPC says it."""

import re
from typing import Final

_ADDRESS: Final = r"ipv[46]:(\S+): "
_REASONS: Final = [
    (
        r"(?:Failed to connect|.*[Cc]onnection refused)",
        "no server answers at {}: `spreadmesh up` starts a mesh",
    ),
    (
        r"Socket closed",  # which is all that a server tells who may not connect
        "the server at {} hangs up: it may want TLS, or another certificate (SPREADMESH_TLS_*)",
    ),
    (
        r".*WRONG_VERSION_NUMBER",
        "the server at {} speaks no TLS: unset SPREADMESH_TLS_CA_FILE, if that is right",
    ),
    (
        r".*Hostname Verification",
        "the certificate of the server at {} has another name: SPREADMESH_TLS_SERVER_NAME tells which",
    ),
    (
        r".*CERTIFICATE_VERIFY_FAILED",
        "the certificate of the server at {} is of no authority in SPREADMESH_TLS_CA_FILE, or has expired",
    ),
]


def why_unreachable(message: str) -> str | None:
    """The reason in one line that the text of an UNAVAILABLE tells; None if it tells of another failure."""
    for told, words in _REASONS:
        found = re.search(_ADDRESS + told, message)
        if found is not None:
            return words.format(found[1])
    return None
