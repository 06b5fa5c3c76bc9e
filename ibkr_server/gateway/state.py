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


class FarmKind(Enum):
    """What a farm serves."""

    MARKET_DATA = "market data"
    HISTORICAL_DATA = "historical data"
    CONTRACTS = "contracts"


@dataclass(frozen=True, slots=True)
class Farm:
    """One of IB's data farms."""

    kind: FarmKind
    link: Link


RATE_EXCEEDED = 100
UNKNOWN_REQUEST = 300
DATA_LOST = 1101
PORT_RESET = 1300
COMPETING_SESSION = 10197
LINK_CODES = {1100: Link.DOWN, 2110: Link.DOWN, DATA_LOST: Link.UP, 1102: Link.UP}
FARM_CODES = {
    2103: Farm(FarmKind.MARKET_DATA, Link.DOWN),
    2104: Farm(FarmKind.MARKET_DATA, Link.UP),
    2108: Farm(FarmKind.MARKET_DATA, Link.IDLE),
    2105: Farm(FarmKind.HISTORICAL_DATA, Link.DOWN),
    2106: Farm(FarmKind.HISTORICAL_DATA, Link.UP),
    2107: Farm(FarmKind.HISTORICAL_DATA, Link.IDLE),
    2157: Farm(FarmKind.CONTRACTS, Link.DOWN),
    2158: Farm(FarmKind.CONTRACTS, Link.UP),
}
_FARM_NAME = re.compile(r":\s*([\w.]+)\s*$")


@dataclass(frozen=True, slots=True)
class GatewayMessage:
    """An error, warning or notice of the gateway; `market_time` in seconds since 1970 UTC."""

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
    silent: bool = False
    competing_session: bool = False
    connections: int = 0
    farms: dict[str, Farm] = field(default_factory=dict)
    errors: Counter[int] = field(default_factory=Counter)
    last_error: GatewayMessage | None = None

    @property
    def ready(self) -> bool:
        """Whether requests can be answered."""
        return self.socket is Socket.CONNECTED and self.link is Link.UP and not self.silent

    @property
    def option_quotes_flow(self) -> bool:
        """Whether quotes of options can be relied on."""
        return self._flows and not self._is_broken("opt", among_options=True)

    @property
    def share_quotes_flow(self) -> bool:
        """Whether quotes of shares and indices can be relied on."""
        return self._flows and not self._is_broken("us", among_options=False)

    @property
    def _flows(self) -> bool:
        return self.ready and not self.competing_session

    def connecting(self) -> None:
        """A connection attempt begins."""
        self.socket = Socket.CONNECTING

    def connected(self, server_version: int) -> None:
        """The session is in sync. A gateway without its link to IB says so by 1100."""
        self.socket = Socket.CONNECTED
        self.server_version = server_version
        self.connections += 1
        if self.link is Link.UNKNOWN:
            self.link = Link.UP

    def disconnected(self) -> None:
        """The socket is gone, and with it all that was known behind it."""
        self.socket = Socket.DISCONNECTED
        self.link = Link.UNKNOWN
        self.server_version = None
        self.silent = self.competing_session = False
        self.farms.clear()

    def fell_silent(self, is_silent: bool) -> None:
        """The gateway does not answer, or does again; its socket is as it was."""
        self.silent = is_silent

    def quoted(self) -> None:
        """A quote has come: no other session keeps them from us."""
        self.competing_session = False

    def heard(self, message: GatewayMessage) -> None:
        """Take what a message says of link, farms and competing sessions; count it unless it's harmless."""
        if message.code in LINK_CODES:
            self.link = LINK_CODES[message.code]
        if message.code == COMPETING_SESSION:
            self.competing_session = True
        farm = FARM_CODES.get(message.code)
        if farm is not None:
            self.farms[farm_name(message.text)] = farm
        if farm is None or farm.link is Link.DOWN:
            self.errors[message.code] += 1
            self.last_error = message

    def _is_broken(self, part_of_name: str, *, among_options: bool) -> bool:
        return any(
            farm.kind is FarmKind.MARKET_DATA and farm.link is Link.DOWN and part_of_name in name
            for name, farm in self.farms.items()
            if ("opt" in name) is among_options
        )


def port_in(text: str) -> int | None:
    """The port in "… Please reconnect on the new port - 7498"; None where it names none."""
    found = re.search(r"port\D*(\d{2,5})\s*$", text)
    return int(found.group(1)) if found else None


def farm_name(text: str) -> str:
    """The farm in "Market data farm connection is OK:usopt"; the whole text where it names none."""
    found = _FARM_NAME.search(text)
    return found.group(1) if found else text
