"""The session with TWS or IB Gateway: connects for ever, asks with deadlines, passes ticks on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

from ib_insync import IB, Contract, Event, RequestError

from ibkr_server.gateway.attempts import retry_delay, until_closed
from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.link_log import LinkLog, quiet_library
from ibkr_server.gateway.listener import GatewayRefusal, LinkListener
from ibkr_server.gateway.market_data import MarketDataRequests
from ibkr_server.gateway.outcomes import Outcome, Outcomes
from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.gateway.pulse import Pulse
from ibkr_server.gateway.restart import DailyRestart
from ibkr_server.gateway.state import (
    DATA_LOST,
    PORT_RESET,
    RATE_EXCEEDED,
    UNKNOWN_REQUEST,
    GatewayMessage,
    GatewayState,
    port_in,
)
from ibkr_server.quotes.columns import Update
from ibkr_server.settings import IbkrSettings
from mesh.errors import deadline_exceeded, unavailable

T = TypeVar("T")

AFTER_EXCESS_SECONDS = 1.0
"""After error 100 nothing is sent for so long: the gateway might drop that too."""


class GatewayLink:
    """One client id's session over ib_insync. Each connection gets a library object of its own."""

    def __init__(
        self,
        settings: IbkrSettings,
        pacer: Pacer,
        market_clock: MarketClock,
        listener: LinkListener,
        clock: Callable[[], float],
    ) -> None:
        self.state = GatewayState()
        self.outcomes = Outcomes(clock)
        self._settings = settings
        self._port = settings.tws_port
        self._pacer = pacer
        self._market_clock = market_clock
        self._listener = listener
        self._clock = clock
        self._told: tuple[object, ...] = ()
        self._flows = (False, False)
        self._ib: IB | None = None
        self._requests = MarketDataRequests(self._answered, self._on_ticks)
        restart = settings.gateway_restart
        self._restart = DailyRestart.parse(restart) if restart else None
        self._log = LinkLog(lambda: self.is_restart_due)

    @property
    def ready(self) -> bool:
        """Whether requests can be sent; the library may know of an end before its events tell."""
        return self.state.ready and self._ib is not None and self._ib.isConnected()

    def add_underlying(self, con_id: int, exchange: str) -> None:
        """This contract is a share or an index, quoted at `exchange`; others are options, quoted at SMART."""
        self._requests.add_underlying(con_id, exchange)

    def quotes_flow(self, con_id: int) -> bool:
        """Whether the quotes of a contract can be relied on: link and farm are up."""
        return self._flows[self._requests.is_underlying(con_id)]

    async def run(self) -> NoReturn:
        """Connect, serve until the connection ends, and again, until cancelled."""
        with quiet_library(lambda: self.is_restart_due):
            await self._stay_connected()

    async def _stay_connected(self) -> NoReturn:
        failures = 0
        while True:
            try:
                await self._session()
                failures = 0
            except (OSError, TimeoutError) as error:
                failures += 1
                self._log.unreachable(self.address, error, failures)
                self._port = self._settings.tws_port
            await asyncio.sleep(retry_delay(failures))

    @property
    def is_restart_due(self) -> bool:
        """Whether the gateway's planned restart is on, or may be at any moment."""
        if self._restart is None:
            return False
        told = self._market_clock.now(self._clock())
        return self._restart.is_due(datetime.fromtimestamp(told, UTC) if told else datetime.now(UTC))

    @property
    def address(self) -> str:
        """Host and port of the gateway."""
        return f"{self._settings.tws_host}:{self._port}"

    async def request(self, lane: Lane, ask: Callable[[IB], Awaitable[T]]) -> T:
        """Ask the gateway in turn and wait for its answer.

        Raises:
            MeshError: UNAVAILABLE while there is no session; DEADLINE_EXCEEDED where no answer comes.
            GatewayRefusal: The gateway answered with an error.
        """
        try:
            async with asyncio.timeout(self._settings.request_timeout_seconds):
                self._session_or_unavailable()
                number = await self._pacer.turn(lane)
                answer = await ask(self._session_or_unavailable())
            self._answered(number, Outcome.ANSWERED)
            return answer
        except TimeoutError:
            self.outcomes.count(Outcome.UNANSWERED)
            raise deadline_exceeded("GATEWAY_SILENT", "the gateway did not answer in time") from None
        except RequestError as error:
            self._answered(number, Outcome.REFUSED)
            raise GatewayRefusal(error.code, error.message) from None
        except ConnectionError:
            self.outcomes.count(Outcome.UNANSWERED)
            raise unavailable("the connection to the gateway was lost", retry_after_seconds=1.0) from None

    def subscribe(self, con_id: int, number: int) -> None:
        """Send a subscription; its turn has been waited for and has this number."""
        self._requests.subscribe(self._session_or_unavailable().client, con_id, number)

    def unsubscribe(self, con_id: int) -> None:
        """Send a cancellation; its turn has been waited for."""
        if self._ib is not None:
            self._requests.unsubscribe(self._ib.client, con_id)

    def _answered(self, number: int, outcome: Outcome) -> None:
        self._pacer.read(number)
        self.outcomes.count(outcome)

    async def _session(self) -> None:
        ib = IB()  # type: ignore[no-untyped-call]  # the library's constructor has no annotations
        ib.RaiseRequestErrors = True
        # The library's own limit, of 45, behind that of the pacer.
        ib.client.MaxRequests = self._settings.most_messages_in_a_second
        ended = asyncio.Event()
        ib.disconnectedEvent += ended.set
        ib.errorEvent += self._on_error
        # Ticks are decoded here, because the library's tickers cost three times as much; it gets the rest.
        feed = self._requests.begin(ib.client.conn.hasData.emit)
        ib.client.conn.hasData = Event("hasData")
        ib.client.conn.hasData += feed
        try:
            await self._connect(ib)
            await self._serve(ib, ended)
        finally:
            self._end(ib)

    async def _serve(self, ib: IB, ended: asyncio.Event) -> None:
        pulse = Pulse(ib.reqCurrentTimeAsync, self._pacer, self._market_clock, self._clock, self._silent)
        beating = asyncio.create_task(pulse.run())
        end = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({beating, end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            beating.cancel()
            end.cancel()
            results = await asyncio.gather(beating, end, return_exceptions=True)
        self._log.ended(self.address, "the gateway closed it" if ended.is_set() else str(results[0]))

    async def _connect(self, ib: IB) -> None:
        settings = self._settings
        self._change(self.state.connecting)
        attempt = asyncio.ensure_future(
            ib.connectAsync(
                settings.tws_host,
                self._port,
                clientId=settings.client_id,
                timeout=settings.connect_timeout_seconds / 2,
                readonly=True,
            )
        )
        closed = asyncio.Event()
        ib.client.apiError += lambda _text: closed.set()
        await until_closed(attempt, closed, settings.connect_timeout_seconds)
        ib.reqMarketDataType(settings.market_data_type)
        self._ib = ib
        self._pacer.charge(ib.client.conn.numMsgSent)
        self._change(lambda: self.state.connected(ib.client.serverVersion()))
        self._log.connected(self.address, ib.client.serverVersion())

    def _end(self, ib: IB) -> None:
        self._ib = None
        self._requests.end_all()
        self._pacer.forget_unread()
        ib.errorEvent.clear()
        transport = ib.client.conn.transport
        ib.disconnect()  # type: ignore[no-untyped-call]  # likewise
        if transport is not None:
            transport.abort()  # a peer that reads nothing would hold the socket for minutes
        self._change(self.state.disconnected)
        self._listener.subscriptions_lost()

    def _silent(self, is_silent: bool) -> None:
        self._change(lambda: self.state.fell_silent(is_silent))

    def _on_ticks(self, updates: Sequence[Update]) -> None:
        if self.state.competing_session and any(update.is_quote for update in updates):
            self._change(self.state.quoted)
        self._listener.ticked(updates)

    def _on_error(self, request_id: int, code: int, text: str, _contract: Contract | None) -> None:
        market_time = self._market_clock.now(self._clock())
        self._change(lambda: self.state.heard(GatewayMessage(request_id, code, text, market_time)))
        if code == PORT_RESET:
            self._port = port_in(text) or self._port
        if code == DATA_LOST:
            self._requests.end_all()
            self._listener.subscriptions_lost()
        elif code == RATE_EXCEEDED:
            self._pacer.hold(AFTER_EXCESS_SECONDS)
            self._listener.messages_dropped()
        elif code == UNKNOWN_REQUEST and self._requests.has_ended(request_id):
            self._listener.cancellation_refused()
        elif (con_id := self._requests.refused(request_id)) is not None:
            self._listener.subscription_refused(con_id, code, text)

    def _change(self, change: Callable[[], None]) -> None:
        change()
        self._log.announce_restart()
        self._flows = (self.state.option_quotes_flow, self.state.share_quotes_flow)
        visible = self._visible()
        if visible != self._told:
            self._told = visible
            self._listener.state_changed()

    def _visible(self) -> tuple[object, ...]:
        state, known = self.state, self._market_clock.known
        return (state.socket, state.link, state.silent, known, self._flows, self.is_restart_due)

    def _session_or_unavailable(self) -> IB:
        if self._ib is None:
            raise unavailable("no connection to the gateway", retry_after_seconds=1.0)
        return self._ib
