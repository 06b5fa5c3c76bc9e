"""The opening: the client names a range of versions, the server settles on one."""

import re
from datetime import datetime

from tws_sim.wire.framing import message

MIN_VERSION = 157
MAX_VERSION = 176
# 158 and 163 have shapes on which the client libraries disagree among themselves.
AVOIDED_VERSIONS = {158: 157, 163: 162}

_RANGE = re.compile(r"v(\d{1,4})(?:\.\.(\d{1,4}))?(?: .*)?")


class HandshakeError(ValueError):
    """The client's range of versions cannot be read or has none in common with the simulator."""


def negotiate(payload: bytes) -> int:
    """Server version for a client's ``v<min>..<max>[ options]``.

    Raises:
        HandshakeError: no range, or no version in common.
    """
    match = _RANGE.fullmatch(payload.decode(errors="replace").rstrip("\0"))
    if match is None:
        raise HandshakeError(f"no version range: {payload[:40]!r}")
    lowest, highest = int(match[1]), int(match[2] or match[1])
    version = min(highest, MAX_VERSION)
    version = AVOIDED_VERSIONS.get(version, version)
    if version < max(lowest, MIN_VERSION):
        raise HandshakeError(
            f"client speaks {lowest} to {highest}, this gateway {MIN_VERSION} to {MAX_VERSION}"
        )
    return version


def server_hello(version: int, now: datetime) -> bytes:
    """The two fields that answer the client's range."""
    return message(version, now.strftime("%Y%m%d %H:%M:%S ") + (now.tzname() or "UTC"))
