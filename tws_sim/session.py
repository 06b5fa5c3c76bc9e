"""One client's connection: bytes in, requests in their order, bytes out within a bound."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

from tws_sim.counters import Counters
from tws_sim.gateway import Gateway
from tws_sim.rate import RateLimit
from tws_sim.subscription import Subscription
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import FrameReader, FramingError, split_fields
from tws_sim.wire.handshake import HandshakeError, negotiate, server_hello

log = logging.getLogger(__name__)

INBOX_LIMIT = 256
_OPENING_SECONDS = 10.0
_DRAIN_SECONDS = 60.0


class Session(asyncio.Protocol):
    """The state of one connection; requests are answered by :mod:`tws_sim.requests`."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.counters = Counters()
        self.version = 0
        self.client_id: int | None = None
        self.market_data_type = 1
        self.subscriptions: dict[int, Subscription] = {}
        self.deferred: dict[Subscription, None] = {}
        self.congested = False
        self.closed = False
        self._transport: asyncio.Transport | None = None
        self._frames = FrameReader()
        self._inbox: deque[bytes] = deque()
        self._outbox: list[bytes] = []
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._rate = RateLimit(gateway.settings.message_rate)

    def begin_counting(self, client_id: int) -> None:
        """Count under the client's id from here on."""
        before, self.counters = self.counters, self.gateway.counters.connected(client_id)
        self.counters.absorb(before)

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and bound its output."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's TCP transports are
        self._transport = transport
        transport.set_write_buffer_limits(high=self.gateway.settings.output_limit)
        self.gateway.sessions.add(self)

    def data_received(self, data: bytes) -> None:
        """Stamp, count and queue what has arrived; stop reading beyond a bound."""
        now = self.gateway.clock.monotonic()
        try:
            for payload in self._frames.feed(data):
                self._receive(payload, now)
        except FramingError as problem:
            log.warning("closing a client: %s", problem)
            self.close()
        self._arrived.set()

    def pause_writing(self) -> None:
        """The client reads too slowly: ticks are conflated from here on."""
        self.congested = True
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.congested = False
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free what the client held."""
        self.closed = True
        self.gateway.sessions.discard(self)
        for subscription in list(self.subscriptions.values()):
            self.unsubscribe(subscription)
        if self.client_id is not None:
            self.gateway.release(self.client_id)
        self._arrived.set()
        self._writable.set()

    def _receive(self, payload: bytes, now: float) -> None:
        if self.closed:
            return
        if not self.version:
            self._inbox.append(payload)
        else:
            self.counters.message(now)
            self.gateway.counters.total.message(now)
            if self._rate.admit(now):
                self._inbox.append(payload)
            else:
                self._refuse_rate()
        if len(self._inbox) > INBOX_LIMIT and self._transport is not None:
            self._transport.pause_reading()

    def _refuse_rate(self) -> None:
        limit = self.gateway.settings.message_rate
        text = f"Max rate of messages per second has been exceeded:max={limit} ({self._rate.violations})"
        self.error(-1, errors.RATE_EXCEEDED, text)
        self.flush()
        if self._rate.exhausted:
            log.warning("client %s broke the message rate %d times", self.client_id, self._rate.violations)
            self.close()

    # The session's task.

    async def run(self) -> None:
        """Answer requests one after the other until the connection ends."""
        from tws_sim.requests import answer

        try:
            async with asyncio.timeout(_OPENING_SECONDS) as opening:
                while (payload := await self._next()) is not None:
                    if not self.version:
                        self._greet(payload)
                        continue
                    await answer(self, FieldReader(split_fields(payload)))
                    self.flush()
                    await self.drained()
                    if self.client_id is not None:
                        opening.reschedule(None)
        except TimeoutError:
            log.warning("closing client %s: no answer within the deadline", self.client_id)
        finally:
            self.close()

    async def _next(self) -> bytes | None:
        while not self._inbox and not self.closed:
            self._arrived.clear()
            await self._arrived.wait()
        if self.closed or self._transport is None:
            return None
        payload = self._inbox.popleft()
        if not self._inbox and not self._transport.is_reading() and not self._transport.is_closing():
            self._transport.resume_reading()
        return payload

    def _greet(self, payload: bytes) -> None:
        try:
            self.version = negotiate(payload)
        except HandshakeError as problem:
            log.warning("closing a client: %s", problem)
            self.close()
            return
        self.send(server_hello(self.version, self.gateway.market.clock.now()))
        self.flush()

    # What requests and the feed send.

    def send(self, message: bytes) -> None:
        """Queue one message for the next :meth:`flush`."""
        self._outbox.append(message)

    def send_ticks(self, messages: list[bytes]) -> int:
        """Queue tick messages, counted; returns how many."""
        self._outbox += messages
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

    @property
    def buffered(self) -> int:
        """Bytes that wait for the client."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def flush(self) -> None:
        """Hand what is queued to the transport in one write."""
        if self._outbox and self._transport is not None and not self.closed:
            self._transport.write(b"".join(self._outbox))
        self._outbox.clear()

    async def drained(self) -> None:
        """Flush and wait until the client has room for more.

        Raises:
            TimeoutError: the client has read nothing for a minute.
        """
        self.flush()
        if self.congested:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._writable.wait()

    async def yielded(self) -> None:
        """In the middle of a long answer: send what there is and let the others run."""
        await self.drained()
        await asyncio.sleep(0)

    def abort(self) -> None:
        """End the connection at once, unsent output or not."""
        self.closed = True
        self._arrived.set()
        self._writable.set()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Send what is queued and end the connection."""
        self.flush()
        self.closed = True
        self._arrived.set()
        if self._transport is not None:
            self._transport.close()

    # Market data requests.

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
