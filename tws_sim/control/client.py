"""Asking a control port."""

import json
import socket
from typing import Any, cast

_TIMEOUT_SECONDS = 10.0


def ask(address: str, **request: object) -> dict[str, Any]:
    """The answer of the control port at ``host:port``.

    Raises:
        OSError: nobody answers there.
        ValueError: the address or the answer cannot be read.
    """
    host, _, port = address.rpartition(":")
    with socket.create_connection((host or "127.0.0.1", int(port)), _TIMEOUT_SECONDS) as peer:
        peer.sendall(json.dumps(request).encode() + b"\n")
        with peer.makefile("rb") as lines:
            return cast("dict[str, Any]", json.loads(lines.readline()))
