"""A bare client of the TWS protocol, with framing of its own."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from tws_sim.clock import Clock, VirtualClock
from tws_sim.feed import Feed
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.market import Market
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.server import tws_port

DEADLINE = 5.0
START = datetime(2026, 11, 20, 10, 0, tzinfo=NEW_YORK)
SHARE = ("0", "SPY", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")


def option(
    strike: float = 590, right: str = "C", expiry: str = "20261218", symbol: str = "SPY"
) -> tuple[str, ...]:
    return ("0", symbol, "OPT", expiry, str(strike), right, "", "SMART", "", "USD", "", "")


class WireClient:
    """Fields in, fields out; every wait has a deadline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.version = 0

    def send(self, *fields: object) -> None:
        payload = "".join(f"{field}\0" for field in fields).encode()
        self.writer.write(struct.pack(">I", len(payload)) + payload)

    async def receive(self) -> list[str]:
        """The next message; an empty list once the gateway has closed the connection."""
        try:
            async with asyncio.timeout(DEADLINE):
                (length,) = struct.unpack(">I", await self.reader.readexactly(4))
                return (await self.reader.readexactly(length)).decode().split("\0")[:-1]
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return []

    async def until(self, *start: str) -> list[list[str]]:
        """Messages up to and with the first that begins with these fields."""
        found: list[list[str]] = []
        while not found or found[-1][: len(start)] != list(start):
            message = await self.receive()
            if not message:
                raise ConnectionError(f"closed after {found}")
            found.append(message)
        return found

    async def start(self, client_id: int, versions: str = "v157..176") -> list[list[str]]:
        """Handshake and startApi; the messages up to the last of the farm notices."""
        payload = versions.encode()
        self.writer.write(b"API\0" + struct.pack(">I", len(payload)) + payload)
        self.version = int((await self.receive())[0])
        self.send(71, 2, client_id, "")
        return await self.until("4", "2", "-1", "2158")

    def quote(self, request_id: int, contract: tuple[str, ...], generic: str = "", snapshot: int = 0) -> None:
        """reqMktData."""
        self.send(1, 11, request_id, *contract, 0, generic, snapshot, 0, "")

    async def settled(self) -> list[list[str]]:
        """Everything sent before the answer to a question asked now."""
        self.send(49, 1)
        return (await self.until("49"))[:-1]


class Bench:
    """A gateway in this process, its clock in the test's hands."""

    def __init__(self, gateway: Gateway, clock: VirtualClock, port: int) -> None:
        self.gateway = gateway
        self.clock = clock
        self.port = port
        self.feed = Feed(gateway)

    @asynccontextmanager
    async def client(self, client_id: int = 1) -> AsyncIterator[WireClient]:
        """A client past startApi."""
        async with self.connection() as client:
            await client.start(client_id)
            yield client

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[WireClient]:
        """A client that has not said anything yet."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield WireClient(reader, writer)
        finally:
            writer.close()

    async def pass_time(self, seconds: float) -> None:
        """Advance the clock and let the feed do what is due."""
        self.clock.advance(seconds)
        await self.feed.cycle()

    async def eventually(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until the gateway has noticed something."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - the gateway tells nobody
                await asyncio.sleep(0)


def synthetic(clock: Clock, symbols: tuple[str, ...] = ("SPY",), rate: float = 1000.0) -> SyntheticMarket:
    return SyntheticMarket(symbols, 1, clock, START, ticks_per_second=rate)


@asynccontextmanager
async def bench(
    settings: Settings | None = None, make_market: Callable[[VirtualClock], Market] = synthetic
) -> AsyncIterator[Bench]:
    clock = VirtualClock()
    gateway = Gateway(make_market(clock), settings or Settings(), clock)
    async with tws_port(gateway, "127.0.0.1", 0) as address:
        yield Bench(gateway, clock, int(address.rpartition(":")[2]))
