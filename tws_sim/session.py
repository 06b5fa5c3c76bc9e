"""One client of the gateway: its handshake, its requests one after the other, its market data."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from tws_sim import streams
from tws_sim.connection import Connection
from tws_sim.counters import Counters
from tws_sim.gateway import Gateway
from tws_sim.rate import RateLimit
from tws_sim.subscription import Subscription
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import split_fields
from tws_sim.wire.handshake import HandshakeError, negotiate, server_hello

log = logging.getLogger(__name__)

_OPENING_SECONDS = 10.0

Answer = Callable[["Session", FieldReader], Awaitable[None]]


class Session(Connection):
    """The state of one client; its requests are answered by :mod:`tws_sim.requests`."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway.clock, gateway.settings.output_limit)
        self.gateway = gateway
        self.counters = Counters()
        self.version = 0
        self.client_id: int | None = None
        self.subscriptions: dict[int, Subscription] = {}
        self.deferred: dict[Subscription, None] = {}
        self.streams: dict[streams.Key, streams.Stream] = {}
        self.reports: dict[streams.Key, streams.Stream] = {}  # of the account; broken data leave them alone
        self.market_data_type = 1
        self.rate = RateLimit(gateway.settings.message_rate)
        self._opening: asyncio.Timeout | None = None

    def opened(self) -> None:
        """Join the gateway's sessions."""
        self.gateway.sessions.add(self)
        self.gateway.faults.met(self)

    def ended(self) -> None:
        """Free what the client held."""
        self.gateway.sessions.discard(self)
        for subscription in list(self.subscriptions.values()):
            self.unsubscribe(subscription)
        for key in list(self.streams):
            streams.stop(self, key)
        if self.client_id is not None:
            self.gateway.release(self.client_id)

    def admits(self, now: float) -> bool:
        """Count a message and hold it against the rate limit; the handshake is none."""
        if not self.version:
            return True
        self.counters.message(now)
        self.gateway.counters.total.message(now)
        if self.rate.admit(now):
            return True
        text = f"Max rate of messages per second has been exceeded:max={self.rate.limit}"
        self.error(-1, errors.RATE_EXCEEDED, f"{text} ({self.rate.violations})")
        self.flush()
        if self.rate.exhausted:
            log.warning("client %s broke the message rate %d times", self.client_id, self.rate.violations)
            self.close()
        return False

    async def run(self, answer: Answer) -> None:
        """Have requests answered one after the other until the connection ends."""
        try:
            async with asyncio.timeout(None) as self._opening:
                self._hurry_opening()
                while (payload := await self.next_frame()) is not None:
                    await self._take(payload, answer)
                    await self.drained()
                    self._hurry_opening()
        except TimeoutError:
            log.warning("closing client %s: it let a deadline pass", self.client_id)
        finally:
            self.close()

    async def _take(self, payload: bytes, answer: Answer) -> None:
        if not self.version:
            self._greet(payload)
            return
        fields = split_fields(payload)
        if not self.gateway.faults.intercept(self, fields):
            await answer(self, FieldReader(fields))

    def _hurry_opening(self) -> None:
        """A deadline for what comes before startApi; none after it, and none while nothing is read."""
        if self._opening is None:
            return
        if self.held or self.client_id is not None:
            self._opening.reschedule(None)
        elif self._opening.when() is None:
            self._opening.reschedule(asyncio.get_running_loop().time() + _OPENING_SECONDS)

    def hold(self) -> None:
        """Read and write nothing; deadlines stand still."""
        super().hold()
        self._hurry_opening()

    def release(self) -> None:
        """Go on."""
        super().release()
        self._hurry_opening()

    def _greet(self, payload: bytes) -> None:
        try:
            self.version = negotiate(payload)
        except HandshakeError as problem:
            log.warning("closing a client: %s", problem)
            self.close()
            return
        self.send(server_hello(self.version, self.gateway.market.clock.now()))

    def bind(self, client_id: int) -> None:
        """Take the client's id and count under it from here on."""
        self.client_id = client_id
        before, self.counters = self.counters, self.gateway.counters.connected(client_id)
        self.counters.absorb(before)

    def started(self) -> None:
        """Tell the client of the farms, and of what is out of order."""
        for code, text in errors.FARM_NOTICES:
            self.notice(-1, code, text)
        self.gateway.faults.met(self)

    def send_ticks(self, messages: list[bytes]) -> int:
        """Queue tick messages, counted; returns how many."""
        self.send(*messages)
        self.counters.ticks_sent += len(messages)
        self.gateway.counters.total.ticks_sent += len(messages)
        return len(messages)

    def error(self, request_id: int, code: int, text: str) -> None:
        """Queue an error, counted by its code."""
        self.counters.errors[code] += 1
        self.gateway.counters.total.errors[code] += 1
        self.notice(request_id, code, text)

    def notice(self, request_id: int, code: int, text: str) -> None:
        """Queue a notice in the shape of an error, uncounted."""
        self.send(errors.error(self.version, request_id, code, text))

    def tell(self, code: int, text: str) -> None:
        """Send a notice about no request in particular, at once; nothing before startApi."""
        if self.client_id is not None:
            self.notice(-1, code, text)
            self.flush()

    def subscribe(self, subscription: Subscription) -> bool:
        """Open a market data request; False when no line is left."""
        if not self.gateway.watch(self, subscription):
            return False
        self.subscriptions[subscription.request_id] = subscription
        return True

    def unsubscribe(self, subscription: Subscription) -> None:
        """Close a market data request."""
        del self.subscriptions[subscription.request_id]
        self.deferred.pop(subscription, None)
        self.gateway.unwatch(self, subscription)

    def refresh(self, subscription: Subscription) -> None:
        """Have the latest state sent after a pause."""
        self.deferred[subscription] = None

    def defer(self, subscription: Subscription) -> None:
        """Leave out an update; the next one sent will hold it."""
        self.deferred[subscription] = None
        self.counters.ticks_conflated += 1
        self.gateway.counters.total.ticks_conflated += 1

    def take_deferred(self, count: int) -> list[Subscription]:
        """Up to ``count`` subscriptions whose updates were left out, oldest first."""
        taken = list(self.deferred)[:count]
        for subscription in taken:
            del self.deferred[subscription]
        return taken

    def snapshots_due(self, now: float) -> Iterable[Subscription]:
        """Snapshots whose time is over."""
        return [
            subscription
            for subscription in self.subscriptions.values()
            if subscription.snapshot_until is not None and subscription.snapshot_until <= now
        ]
