"""The link to TWS or IB Gateway: asks with deadlines, passes on what comes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeVar

from opentelemetry import trace

from ibkr_server.account.book import AccountBook
from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.listener import GatewayRefusal, LinkListener
from ibkr_server.gateway.market_data import MarketDataRequests
from ibkr_server.gateway.order_messages import OrderMessages
from ibkr_server.gateway.outcomes import Outcome, Outcomes
from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.gateway.session import Library, Refusal, Session
from ibkr_server.gateway.sessions import Sessions
from ibkr_server.gateway.standing import Standing
from ibkr_server.gateway.state import (
    DATA_LOST,
    PORT_RESET,
    RATE_EXCEEDED,
    UNKNOWN_REQUEST,
    GatewayMessage,
    port_in,
)
from ibkr_server.quotes.columns import Update
from ibkr_server.settings import IbkrSettings
from mesh.errors import deadline_exceeded, unavailable
from mesh.telemetry.histogram import Histogram

T = TypeVar("T")

AFTER_EXCESS_SECONDS = 1.0
"""After error 100 nothing is sent for so long: the gateway might drop that too."""


class GatewayLink:
    """One client id's sessions and what goes over them; `orders` and `account` hear what is theirs."""

    def __init__(
        self,
        settings: IbkrSettings,
        pacer: Pacer,
        market_clock: MarketClock,
        listener: LinkListener,
        clock: Callable[[], float],
    ) -> None:
        self._standing = Standing(market_clock, clock, settings.gateway_restart, self._tell)
        self.state = self._standing.state
        self.outcomes = Outcomes(clock)
        self.answer_seconds = Histogram()
        self.orders = OrderMessages(settings.client_id)
        self.account = AccountBook(lambda: market_clock.now(clock()))
        self._settings = settings
        self._pacer = pacer
        self._market_clock = market_clock
        self._listener = listener
        self._clock = clock
        self._requests = MarketDataRequests(self._answered, self._on_ticks)
        self._sessions = Sessions(
            settings, self._standing, pacer, market_clock, clock, self._new_session, self._session_ended
        )

    @property
    def ready(self) -> bool:
        """Whether requests can be sent; the library may know of an end before its events tell."""
        session = self._sessions.open
        return self.state.ready and session is not None and session.is_open

    def add_underlying(self, con_id: int, exchange: str) -> None:
        """This contract is a share or an index, quoted at `exchange`; others are options, quoted at SMART."""
        self._requests.add_underlying(con_id, exchange)

    def quotes_flow(self, con_id: int) -> bool:
        """Whether the quotes of a contract can be relied on: link and farm are up."""
        return self._standing.flows[self._requests.is_underlying(con_id)]

    async def run(self) -> NoReturn:
        """Connect, serve until the connection ends, and again, until cancelled."""
        await self._sessions.run()

    @property
    def is_restart_due(self) -> bool:
        """Whether the gateway's planned restart is on, or may be at any moment."""
        return self._standing.is_restart_due

    @property
    def address(self) -> str:
        """Host and port of the gateway."""
        return self._sessions.address

    async def request(self, lane: Lane, ask: Callable[[Library], Awaitable[T]]) -> T:
        """Ask the gateway in turn and wait for its answer.

        Raises:
            MeshError: UNAVAILABLE while there is no session; DEADLINE_EXCEEDED where no answer comes.
            GatewayRefusal: The gateway answered with an error.
        """
        try:
            async with asyncio.timeout(self._settings.request_timeout_seconds):
                number = await self.turn(lane)
                asked = self._clock()
                answer = await ask(self.session().ib)
            self._time(asked)
            self._answered(number, Outcome.ANSWERED)
            return answer
        except TimeoutError:
            self.outcomes.count(Outcome.UNANSWERED)
            raise deadline_exceeded("GATEWAY_SILENT", "the gateway did not answer in time") from None
        except Refusal as error:
            self._time(asked)
            self._answered(number, Outcome.REFUSED)
            raise GatewayRefusal(error.code, error.message) from None
        except ConnectionError:
            self.outcomes.count(Outcome.UNANSWERED)
            raise unavailable("the connection to the gateway was lost", retry_after_seconds=1.0) from None

    def session(self) -> Session:
        """The session at hand.

        Raises:
            MeshError: UNAVAILABLE where there is none.
        """
        return self._sessions.current()

    async def turn(self, lane: Lane) -> int:
        """Wait for the turn of one message; returns its number.

        Raises:
            MeshError: UNAVAILABLE where there is no session, or too much waits already.
        """
        self.session()
        try:
            return await self._pacer.turn(lane)
        except OverflowError as error:
            raise unavailable(str(error), retry_after_seconds=1.0) from None

    async def proof_of_life(self, seconds: float) -> None:
        """Wait for an answer of the gateway that is younger than this, for as long as the caller does."""
        await self._sessions.proof_of_life(seconds)

    async def send(self, lane: Lane, tell: Callable[[Any], T]) -> T:
        """Have `tell` say something by the library's client, in turn; what is answered comes by other ways.

        Raises:
            MeshError: UNAVAILABLE; nothing was sent.
        """
        await self.turn(lane)
        return tell(self.session().ib.client)

    def subscribe(self, con_id: int, number: int) -> None:
        """Send a subscription; its turn has been waited for and has this number."""
        self._requests.subscribe(self.session().ib.client, con_id, number)

    def unsubscribe(self, con_id: int) -> None:
        """Send a cancellation; its turn has been waited for."""
        if self._sessions.open is not None:
            self._requests.unsubscribe(self._sessions.open.ib.client, con_id)

    def _time(self, asked: float) -> None:
        self.answer_seconds.record(self._clock() - asked, trace.get_current_span().get_span_context())

    def _answered(self, number: int, outcome: Outcome) -> None:
        self._pacer.read(number)
        self.outcomes.count(outcome)

    def _new_session(self) -> Session:
        session = Session(self.orders, self.account, self._settings.most_messages_in_a_second)
        session.ib.errorEvent += self._on_error
        # Ticks are decoded here, because the library's tickers cost three times as much; it gets the rest.
        session.divert(self._requests.begin)
        return session

    def _session_ended(self) -> None:
        self._requests.end_all()
        self.orders.session_ended()
        self._listener.subscriptions_lost()

    def _on_ticks(self, updates: Sequence[Update]) -> None:
        if self.state.competing_session and any(update.is_quote for update in updates):
            self._standing.change(self.state.quoted)
        self._listener.ticked(updates)

    def _on_error(self, request_id: int, code: int, text: str, _contract: object) -> None:
        market_time = self._market_clock.now(self._clock())
        self._standing.change(lambda: self.state.heard(GatewayMessage(request_id, code, text, market_time)))
        if code == PORT_RESET:
            self._sessions.port = port_in(text) or self._sessions.port
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

    def _tell(self) -> None:
        self._listener.state_changed()
        self.orders.connection_changed()
