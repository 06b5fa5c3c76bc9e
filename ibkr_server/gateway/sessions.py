"""One session with the gateway after another: connects for ever, listens to its pulse, ends it for good."""

import asyncio
import math
from collections.abc import Callable
from typing import NoReturn

from ibkr_server.gateway.attempts import retry_delay, until_closed
from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.link_log import quiet_library
from ibkr_server.gateway.pacer import Pacer
from ibkr_server.gateway.pulse import Pulse
from ibkr_server.gateway.session import Session
from ibkr_server.gateway.standing import Standing
from ibkr_server.settings import IbkrSettings
from mesh.errors import unavailable


class Sessions:
    """At most one is open; each connection gets a library object of its own."""

    def __init__(
        self,
        settings: IbkrSettings,
        standing: Standing,
        pacer: Pacer,
        market_clock: MarketClock,
        clock: Callable[[], float],
        make: Callable[[], Session],
        when_ended: Callable[[], None],
    ) -> None:
        """`make` gives a session that is not open yet; `open` is the one that is, `port` the next one's."""
        self.open: Session | None = None
        self.port = settings.tws_port
        self._settings = settings
        self._standing = standing
        self._pacer = pacer
        self._market_clock = market_clock
        self._clock = clock
        self._make = make
        self._when_ended = when_ended
        self._heard = asyncio.Event()
        self._heard_at = -math.inf

    @property
    def address(self) -> str:
        """Host and port of the gateway."""
        return f"{self._settings.tws_host}:{self.port}"

    def current(self) -> Session:
        """The session that is open.

        Raises:
            MeshError: UNAVAILABLE where there is none.
        """
        if self.open is None:
            raise unavailable("no connection to the gateway", retry_after_seconds=1.0)
        return self.open

    async def run(self) -> NoReturn:
        """Connect, serve until the connection ends, and again, until cancelled."""
        with quiet_library(lambda: self._standing.is_restart_due):
            await self._stay_connected()

    async def proof_of_life(self, seconds: float) -> None:
        """Wait for an answer of the gateway that is younger than this, for as long as the caller does."""
        while self._clock() - self._heard_at > seconds:
            self._pacer.proof_wanted.set()
            self._heard.clear()
            await self._heard.wait()

    async def _stay_connected(self) -> NoReturn:
        failures = 0
        while True:
            try:
                await self._serve()
                failures = 0
            except (OSError, TimeoutError) as error:
                failures += 1
                self._standing.log.unreachable(self.address, error, failures)
                self.port = self._settings.tws_port
            await asyncio.sleep(retry_delay(failures))

    async def _serve(self) -> None:
        session = self._make()
        try:
            await self._connect(session)
            await self._beat(session)
        finally:
            self._end(session)

    async def _connect(self, session: Session) -> None:
        settings, state, client = self._settings, self._standing.state, session.ib.client
        self._standing.change(state.connecting)
        seconds = settings.connect_timeout_seconds / 2
        opening = session.open(settings.tws_host, self.port, settings.client_id, seconds)
        closed = asyncio.Event()
        client.apiError += lambda _text: closed.set()
        await until_closed(asyncio.ensure_future(opening), closed, settings.connect_timeout_seconds)
        session.ib.reqMarketDataType(settings.market_data_type)
        self.open = session
        self._pacer.charge(client.conn.numMsgSent)
        self._standing.change(lambda: state.connected(session.server_version))
        self._standing.log.connected(self.address, session.server_version)

    async def _beat(self, session: Session) -> None:
        ask = session.ib.reqCurrentTimeAsync
        pulse = Pulse(ask, self._pacer, self._market_clock, self._clock, self._silent)
        beating = asyncio.create_task(pulse.run())
        end = asyncio.create_task(session.ended.wait())
        try:
            await asyncio.wait({beating, end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            beating.cancel()
            end.cancel()
            results = await asyncio.gather(beating, end, return_exceptions=True)
        reason = "the gateway closed it" if session.ended.is_set() else str(results[0])
        self._standing.log.ended(self.address, reason)

    def _end(self, session: Session) -> None:
        self.open = None
        self._heard_at = -math.inf
        self._pacer.forget_unread()
        session.close()
        self._standing.change(self._standing.state.disconnected)
        self._when_ended()

    def _silent(self, is_silent: bool) -> None:
        if not is_silent:
            self._heard_at = self._clock()
            self._heard.set()
        self._standing.change(lambda: self._standing.state.fell_silent(is_silent))
