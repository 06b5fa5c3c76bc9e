"""A gateway whose every word a test writes, and a server's link to it; on virtual time."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec

from ibkr_server.gateway.order_broker import GatewayBroker
from ibkr_server.market import Market
from ibkr_server.orders.broker import (
    BrokerListener,
    CommissionReport,
    ExecutionReport,
    OrderReport,
    StatusReport,
)
from ibkr_server.settings import IbkrSettings
from tests import virtual_time

P = ParamSpec("P")

ACCOUNT = "DU1234567"
NEXT_ORDER_ID = 41
NOON = 1_795_190_400
"""20 November 2026, 16:00 UTC."""
CURRENT_TIME = "49"
START_API = "71"
IGNORED = {"49", "59", "71"}
"""currentTime, market data type, startApi: the session's own."""


class ScriptedGateway:
    """Shakes hands and tells the time by itself; all else is the test's to say."""

    def __init__(self) -> None:
        self.received: list[list[str]] = []
        self.accounts = ACCOUNT
        self.tells_time = True
        self.greeting: list[Sequence[object]] = []
        self._writer: asyncio.StreamWriter | None = None
        self._came = asyncio.Event()
        self._seen = 0

    def send(self, *fields: object) -> None:
        """One message."""
        self.send_bytes(framed(*fields))

    def send_bytes(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    async def hear(self, number: int) -> list[str]:
        """The next message of that kind; those before it are passed over."""
        async with asyncio.timeout(30):
            while True:
                while self._seen < len(self.received):
                    self._seen += 1
                    if self.received[self._seen - 1][0] == str(number):
                        return self.received[self._seen - 1]
                self._came.clear()
                await self._came.wait()

    def of_kind(self, number: int) -> list[list[str]]:
        """Every message of a kind so far."""
        return [fields for fields in self.received if fields[0] == str(number)]

    def stall(self) -> None:
        """Read nothing from now on, as a stopped process does."""
        assert self._writer is not None
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's can

    def hang_up(self) -> None:
        assert self._writer is not None
        self._writer.transport.abort()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._writer = writer
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            assert await reader.readexactly(4) == b"API\0"
            await message(reader)
            self.send(176, "20261120 11:00:00 EST")
            while True:
                fields = (await message(reader)).split("\0")[:-1]
                self._answer(fields)
                if fields[0] == START_API:
                    await self._greet()
                if fields[0] not in IGNORED:
                    self.received.append(fields)
                    self._came.set()
        writer.close()

    async def _greet(self) -> None:
        """In packets of their own, as a gateway does."""
        for greeting in self.greeting:
            for _ in range(10):
                await asyncio.sleep(0)
            self.send(*greeting)

    def _answer(self, fields: list[str]) -> None:
        if fields[0] == START_API:
            self.send(15, 1, self.accounts)
            self.send(9, 1, NEXT_ORDER_ID)
        elif fields[0] == CURRENT_TIME and self.tells_time:
            self.send(49, 1, NOON)


def on_virtual_time(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    """Run a test on a loop of its own, whose time passes when nothing else is left to do."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        virtual_time.run(test(*args, **kwargs))

    return run


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Let time pass until something holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nobody tells; time is virtual
            await asyncio.sleep(0.01)


def framed(*fields: object) -> bytes:
    payload = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(payload)) + payload


async def message(reader: asyncio.StreamReader) -> str:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return (await reader.readexactly(length)).decode()


@dataclass
class Heard(BrokerListener):
    """All that a listener was told, in order."""

    told: list[object] = field(default_factory=list)
    broker: GatewayBroker | None = None
    could_send: list[bool] = field(default_factory=list)
    """At each change of the connection."""

    def order_reported(self, report: OrderReport) -> None:
        self.told.append(report)

    def status_reported(self, report: StatusReport) -> None:
        self.told.append(report)

    def executed(self, report: ExecutionReport) -> None:
        self.told.append(report)

    def commission_reported(self, report: CommissionReport) -> None:
        self.told.append(report)

    def order_error(self, order_id: int, code: int, text: str) -> None:
        self.told.append((order_id, code, text))

    def connection_changed(self) -> None:
        self.could_send.append(self.broker is not None and self.broker.can_send)


@dataclass
class Desk:
    """Both ends of a connection."""

    gateway: ScriptedGateway
    market: Market
    broker: GatewayBroker
    heard: Heard

    async def settle(self) -> None:
        """Let everything that is on its way arrive."""
        await asyncio.sleep(0.05)


@asynccontextmanager
async def desk(gateway: ScriptedGateway | None = None, **settings: object) -> AsyncIterator[Desk]:
    """A broker in session with a scripted gateway."""
    loop = asyncio.get_running_loop()
    asyncio.set_event_loop(loop)  # ib_insync asks the policy, not the running loop
    gateway = gateway or ScriptedGateway()
    server = await asyncio.start_server(gateway.converse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    market = Market(IbkrSettings(tws_port=port, **settings), clock=loop.time)
    broker, heard = GatewayBroker(market.link, lambda _con_id: "SPY", list_seconds=10.0), Heard()
    broker.listen(heard)
    heard.broker = broker
    running = asyncio.create_task(market.run())
    try:
        both = Desk(gateway, market, broker, heard)
        await until(lambda: bool(market.link.state.connections) and market.market_clock.known)
        yield both
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
