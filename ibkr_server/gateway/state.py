"""What is known of the gateway's connections: a state machine fed by events and IB's message codes.

Codes: https://interactivebrokers.github.io/tws-api/message_codes.html
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Socket(Enum):
    """The TCP connection to the gateway."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"


class Link(Enum):
    """The gateway's own connection to IB, or one of its data farms."""

    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"
    IDLE = "idle"


LINK_CODES = {1100: Link.DOWN, 2110: Link.DOWN, 1101: Link.UP, 1102: Link.UP}
FARM_CODES = {
    2103: Link.DOWN,
    2105: Link.DOWN,
    2157: Link.DOWN,
    2104: Link.UP,
    2106: Link.UP,
    2158: Link.UP,
    2107: Link.IDLE,
    2108: Link.IDLE,
}
_FARM_NAME = re.compile(r":\s*([\w.]+)\s*$")


@dataclass(frozen=True, slots=True)
class GatewayMessage:
    """An error, warning or notice of the gateway."""

    request_id: int
    code: int
    text: str
    market_time: float


@dataclass(slots=True)
class GatewayState:
    """Socket, link to IB, farms, and what the gateway complained of."""

    socket: Socket = Socket.DISCONNECTED
    link: Link = Link.UNKNOWN
    server_version: int | None = None
    farms: dict[str, Link] = field(default_factory=dict)
    errors: Counter[int] = field(default_factory=Counter)
    last_error: GatewayMessage | None = None

    @property
    def ready(self) -> bool:
        """Whether requests can be answered."""
        return self.socket is Socket.CONNECTED and self.link is Link.UP

    def connecting(self) -> None:
        """A connection attempt begins."""
        self.socket = Socket.CONNECTING

    def connected(self, server_version: int) -> None:
        """The session is in sync. A gateway without its link to IB says so by 1100."""
        self.socket = Socket.CONNECTED
        self.server_version = server_version
        if self.link is Link.UNKNOWN:
            self.link = Link.UP

    def disconnected(self) -> None:
        """The socket is gone, and with it all that was known behind it."""
        self.socket = Socket.DISCONNECTED
        self.link = Link.UNKNOWN
        self.server_version = None
        self.farms.clear()

    def heard(self, message: GatewayMessage) -> None:
        """Take what a message says of link and farms; count it unless it's harmless."""
        if message.code in LINK_CODES:
            self.link = LINK_CODES[message.code]
        if message.code in FARM_CODES:
            self.farms[farm_name(message.text)] = FARM_CODES[message.code]
        if FARM_CODES.get(message.code, Link.DOWN) is Link.DOWN:
            self.errors[message.code] += 1
            self.last_error = message


def farm_name(text: str) -> str:
    """The farm in "Market data farm connection is OK:usopt"; the whole text where it names none."""
    found = _FARM_NAME.search(text)
    return found.group(1) if found else text
