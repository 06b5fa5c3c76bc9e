"""The task that sends ticks: what the market says is due, at the pace it asks for, in bounded chunks."""

import asyncio
from collections.abc import Iterator, Sequence

from tws_sim.gateway import Gateway
from tws_sim.market.instrument import Option, min_tick
from tws_sim.session import Session
from tws_sim.subscription import Subscription
from tws_sim.terms import DELAYED_FROZEN, FROZEN
from tws_sim.wire import errors, ticks
from tws_sim.wire.contracts import BBO_EXCHANGE, SNAPSHOT_PERMISSIONS

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.001, 0.01
TICKS_A_CYCLE = 10
CHUNK = 64
# After a pause the pace goes on instead of catching up more than this.
_LONGEST_ALLOWANCE = 0.25


class Feed:
    """Sends ticks to every session's subscriptions."""

    def __init__(self, gateway: Gateway) -> None:
        """Send every `interval` seconds: the setting's, or what the market's pace asks for."""
        self._gateway = gateway
        self.interval = gateway.settings.tick_interval or interval(gateway.market.ticks_per_second)
        self._allowance = 0.0
        self._paced_at = gateway.clock.monotonic()
        self._position = 0

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._gateway.clock.sleep(self.interval)
            await self.cycle()

    async def cycle(self) -> None:
        """Everything that is due at this instant."""
        gateway = self._gateway
        due = gateway.market.advance(gateway.watchers.keys())
        gateway.orders.step()
        for start in range(0, len(due), CHUNK):
            self.publish(due[start : start + CHUNK])
            await asyncio.sleep(0)
        if gateway.market.ticks_per_second is not None:
            await self._paced(gateway.market.ticks_per_second)
        await self._catch_up()
        self._stream()
        self._end_snapshots()

    def publish(self, rows: Sequence[int]) -> int:
        """Send the current state of these rows to whoever watches them; returns the number of ticks."""
        watchers, faults = self._gateway.watchers, self._gateway.faults
        watched = [row for row in rows if row in watchers]
        if not watched:
            return 0
        sent = 0
        touched: set[Session] = set()
        for row, quote in zip(watched, self._gateway.market.quotes(watched), strict=True):
            for subscription, session in watchers[row].items():
                if faults.active and faults.pause(session, subscription.instrument):
                    continue
                if session.congested:
                    session.defer(subscription)
                    continue
                sent += session.send_ticks(subscription.ticks(quote))
                touched.add(session)
        for session in touched:
            session.flush()
        return sent

    async def _paced(self, ticks_per_second: float) -> None:
        """Go round the watched options until the time passed since the last cycle has its number of ticks."""
        now = self._gateway.clock.monotonic()
        self._allowance += (now - self._paced_at) * ticks_per_second
        self._allowance = min(self._allowance, _LONGEST_ALLOWANCE * ticks_per_second)
        self._paced_at = now
        silent = 0
        for rows in self._rounds():
            if self._allowance < 1:
                break
            sent = self.publish(rows)
            self._allowance -= sent
            silent = 0 if sent else silent + len(rows)
            if silent >= len(self._gateway.watchers):
                break
            await asyncio.sleep(0)

    def _rounds(self) -> Iterator[Sequence[int]]:
        """Chunks of watched options, round robin, as many as the allowance may need."""
        while True:
            instruments = self._gateway.market.listing.instruments
            options = [row for row in self._gateway.watchers if isinstance(instruments[row], Option)]
            if not options:
                return
            size = min(len(options), CHUNK, max(1, int(self._allowance / 3)))
            start = self._position % len(options)
            chunk = options[start : start + size]
            self._position = start + len(chunk)
            yield chunk

    async def _catch_up(self) -> None:
        """Send clients that can take ticks again the latest state of what they missed."""
        for session in list(self._gateway.sessions):
            while session.deferred and not session.congested:
                missed = session.take_deferred(CHUNK)
                quotes = self._gateway.market.quotes([subscription.row for subscription in missed])
                for subscription, quote in zip(missed, quotes, strict=True):
                    if not self._gateway.faults.pause(session, subscription.instrument):
                        session.send_ticks(subscription.ticks(quote))
                session.flush()
                await asyncio.sleep(0)

    def _stream(self) -> None:
        """Send what else is due; a client that reads too slowly gets the next batch instead."""
        now, faults = self._gateway.market.clock.now().timestamp(), self._gateway.faults
        for session in self._gateway.sessions:
            if (session.streams or session.reports) and not session.congested:
                for stream in session.streams.values():
                    if not faults.pause(session, stream.item):
                        session.send(*stream.due(now))
                for report in session.reports.values():
                    session.send(*report.due(now))
                session.flush()

    def _end_snapshots(self) -> None:
        now = self._gateway.clock.monotonic()
        for session in self._gateway.sessions:
            for subscription in session.snapshots_due(now):
                session.unsubscribe(subscription)
                session.send(ticks.snapshot_end(subscription.request_id))
                session.flush()


def interval(ticks_per_second: float | None) -> float:
    """Seconds between two cycles: the time of ten ticks, so that at a high rate few wait for others."""
    if not ticks_per_second:
        return LONGEST_INTERVAL
    return min(max(TICKS_A_CYCLE / ticks_per_second, SHORTEST_INTERVAL), LONGEST_INTERVAL)


def begin(session: Session, subscription: Subscription) -> None:
    """Open a market data request on the terms its client gets: an error, or a line and the current state."""
    request_id, faults = subscription.request_id, session.gateway.faults
    terms = subscription.terms = faults.terms(session, subscription.instrument)
    if terms.refusal is not None:
        session.error(request_id, *terms.refusal)
        return
    if not session.subscribe(subscription):
        session.error(request_id, errors.MAX_TICKERS, errors.MAX_TICKERS_TEXT)
        return
    if terms.notice is not None:
        session.error(request_id, *terms.notice)
    session.send(
        ticks.request_parameters(
            request_id, min_tick(subscription.instrument), BBO_EXCHANGE, SNAPSHOT_PERMISSIONS
        )
    )
    session.send(ticks.market_data_type(request_id, terms.kind))
    if terms.kind in {FROZEN, DELAYED_FROZEN} or not faults.pause(session, subscription.instrument):
        quotes = session.gateway.market.quotes([subscription.row])
        session.send_ticks(subscription.ticks(quotes[0]))
    if subscription.snapshot_until is not None and subscription.complete:
        subscription.snapshot_until = 0.0
