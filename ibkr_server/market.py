"""Everything behind the market data service: the link to the gateway and what has come over it."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ibkr_server import translation
from ibkr_server.chain.directory import ChainDirectory
from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.gateway.requests import ContractRequests
from ibkr_server.history.requests import HistoryRequests
from ibkr_server.lines.lease import Lease
from ibkr_server.lines.lease_book import LeaseBook
from ibkr_server.lines.lines import Lines
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.quotes.columns import Update
from ibkr_server.settings import IbkrSettings
from mesh.telemetry.sampling import BatchSampler
from mesh.turns import Turns

BATCHES_EACH_ROUND = 2
"""Batches of quotes that are built before the event loop looks at what else there is."""
HISTORY_SHARE = 0.8
"""Of a request's deadline: what the gateway may take for history, so that time is left to cancel it there."""


class Market:
    """Owns the link, the lines and the quotes; listens to the link and tells those who watch."""

    def __init__(self, settings: IbkrSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.market_clock = MarketClock()
        self.pacer = Pacer(
            settings.messages_per_second, clock, most_in_a_second=settings.most_messages_in_a_second
        )
        self.link = GatewayLink(settings, self.pacer, self.market_clock, self, clock)
        book = LeaseBook(settings.max_subscriptions, settings.line_linger_seconds, settings.max_rotation)
        self.lines = Lines(book, self.link, self.pacer, clock)
        self.quotes = QuoteBoard()
        self.turns = Turns(BATCHES_EACH_ROUND)
        self.sampler = BatchSampler(settings.trace_batch_ratio, settings.trace_batch_objective_seconds)
        self.chains = ChainDirectory(
            ContractRequests(self.link),
            self.now,
            clock,
            keep_seconds=settings.chain_cache_seconds,
            max_contracts=settings.max_chain_contracts,
        )
        answer_seconds = HISTORY_SHARE * settings.request_timeout_seconds
        self.history = HistoryRequests(
            lambda query: self.link.request(
                Lane.HISTORY, lambda ib: translation.daily_bars(ib, query, answer_seconds)
            ),
            self.now,
            clock,
        )
        self.settings = settings
        self._clock = clock
        self._state_watchers: set[asyncio.Event] = set()
        self._on_refusal: dict[object, Callable[[Lease], None]] = {}
        self._last_quote = clock()

    @property
    def ready(self) -> bool:
        """Whether the gateway is there and has told its time."""
        return self.link.ready and self.market_clock.known

    def now(self) -> float:
        """Market time in seconds since 1970 UTC; 0 before the gateway has told it."""
        return self.market_clock.now(self._clock())

    def now_us(self) -> int:
        """Market time in microseconds since 1970 UTC."""
        return int(self.now() * 1e6)

    def silence_seconds(self) -> float:
        """Host seconds since the last quote of any contract."""
        return self._clock() - self._last_quote

    @contextmanager
    def watching_state(self) -> Iterator[asyncio.Event]:
        """An event that is set at first, and whenever socket, link or a farm change; who waits clears it."""
        changed = asyncio.Event()
        changed.set()
        self._state_watchers.add(changed)
        try:
            yield changed
        finally:
            self._state_watchers.discard(changed)

    def watch_refusals(self, watcher: object, callback: Callable[[Lease], None]) -> None:
        """Call `callback` whenever the gateway refuses a subscription for good."""
        self._on_refusal[watcher] = callback

    def unwatch_refusals(self, watcher: object) -> None:
        """Call it no longer."""
        self._on_refusal.pop(watcher, None)

    async def run(self) -> None:
        """Keep the session and its subscriptions up until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.pacer.run())
                tasks.create_task(self.link.run())
                tasks.create_task(self.lines.run())
        finally:
            await self.chains.close()
            await self.history.close()

    def ticked(self, updates: Sequence[Update]) -> None:
        """Take the latest values of contracts."""
        self._last_quote = self._clock()
        for update in updates:
            if update.is_quote:
                self.lines.quoted(update.con_id)
        # What comes while the link is down was on its way before: it is no sign of life.
        self.quotes.write(updates, self.now_us(), lambda con_id: not self.link.quotes_flow(con_id))

    def subscription_refused(self, con_id: int, code: int, text: str) -> None:
        """Pass a refusal on to the lines, and to the streams where it is final."""
        self.quotes.flag_one(con_id)
        lease = self.lines.refused(con_id, code, text)
        if lease is not None:
            for callback in list(self._on_refusal.values()):
                callback(lease)

    def cancellation_refused(self) -> None:
        """Tell the lines that one of those they gave up had ended by itself."""
        self.lines.cancellation_refused()

    def messages_dropped(self) -> None:
        """Have what has not been quoted since asked for again."""
        self.lines.messages_dropped()

    def subscriptions_lost(self) -> None:
        """Begin again with every subscription; until a contract is quoted anew its quote is stale."""
        self.lines.lost_all()
        self.quotes.flag(lambda _con_id: True)

    def state_changed(self) -> None:
        """Tell whether requests can be answered now, and which quotes can be relied on."""
        self.quotes.flag(self._is_stale)
        for changed in self._state_watchers:
            changed.set()

    def _is_stale(self, con_id: int) -> bool | None:
        if not self.link.quotes_flow(con_id):
            return True
        # Only what has gone on streaming is as good as before; the rest waits for its next quote.
        return False if self.lines.is_quoted(con_id) else None
