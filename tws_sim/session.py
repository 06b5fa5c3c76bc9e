"""One client of the gateway: its handshake, its requests one after the other, its market data."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

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
        self._rate = RateLimit(gateway.settings.message_rate)

    def opened(self) -> None:
        """Join the gateway's sessions."""
        self.gateway.sessions.add(self)

    def ended(self) -> None:
        """Free what the client held."""
        self.gateway.sessions.discard(self)
        for subscription in list(self.subscriptions.values()):
            self.unsubscribe(subscription)
        if self.client_id is not None:
            self.gateway.release(self.client_id)

    def admits(self, now: float) -> bool:
        """Count a message and hold it against the rate limit; the handshake is none."""
        if not self.version:
            return True
        self.counters.message(now)
        self.gateway.counters.total.message(now)
        if self._rate.admit(now):
            return True
        text = f"Max rate of messages per second has been exceeded:max={self.gateway.settings.message_rate}"
        self.error(-1, errors.RATE_EXCEEDED, f"{text} ({self._rate.violations})")
        self.flush()
        if self._rate.exhausted:
            log.warning("client %s broke the message rate %d times", self.client_id, self._rate.violations)
            self.close()
        return False

    async def run(self, answer: Callable[["Session", FieldReader], Awaitable[None]]) -> None:
        """Have requests answered one after the other until the connection ends."""
        try:
            async with asyncio.timeout(_OPENING_SECONDS) as opening:
                while (payload := await self.next_frame()) is not None:
                    if self.version:
                        await answer(self, FieldReader(split_fields(payload)))
                    else:
                        self._greet(payload)
                    await self.drained()
                    if self.client_id is not None:
                        opening.reschedule(None)
        except TimeoutError:
            log.warning("closing client %s: it let a deadline pass", self.client_id)
        finally:
            self.close()

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
