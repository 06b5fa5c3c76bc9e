"""The market data lines: takes wishes, and carries out what the lease book decides at the pacer's beat."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NoReturn, Protocol

from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.gateway.state import COMPETING_SESSION
from ibkr_server.lines.lease import Lease, LeaseState
from ibkr_server.lines.lease_book import LeaseBook, Start

RECHECK_SECONDS = 0.1
COMPETING_RETRY_SECONDS = 30.0
COMPETING_OVER_SECONDS = 1.0
"""After the first quote of a session that competed the others have so long to come by themselves."""
DROPPED_SECONDS = 2.0
"""A dropped request was sent at most so long before that is known, and brings no quote for so long."""

REFUSALS = {
    200: LeaseState.UNKNOWN_CONTRACT,
    354: LeaseState.NOT_PERMITTED,
    10089: LeaseState.NOT_PERMITTED,
    10090: LeaseState.NOT_PERMITTED,
    10168: LeaseState.NOT_PERMITTED,
    10186: LeaseState.NOT_PERMITTED,
}
"""IB's codes that end a subscription for good."""
OUT_OF_LINES = 101


class Subscriptions(Protocol):
    """What is asked of the gateway link."""

    @property
    def ready(self) -> bool:
        """Whether subscriptions can be sent."""

    def subscribe(self, con_id: int, number: int) -> None:
        """Send a subscription now, as the pacer's message of that number."""

    def unsubscribe(self, con_id: int) -> None:
        """Send its cancellation now."""


class Lines:
    """Owns the lease book and its loop: starts and stops subscriptions at the pacer's beat."""

    def __init__(
        self, book: LeaseBook, link: Subscriptions, pacer: Pacer, clock: Callable[[], float]
    ) -> None:
        self.book = book
        self._most = book.limit
        self._link = link
        self._pacer = pacer
        self._clock = clock
        self._wanted_by: defaultdict[str, set[int]] = defaultdict(set)
        self._changed = asyncio.Event()
        self._paused_until = float("-inf")
        self._is_competing = False
        self._was_struck = False
        self._doubtful: dict[int, float] = {}
        self._doubtful_until = float("-inf")

    def want(self, owner: str, con_id: int, priority: int) -> Lease | None:
        """Let `owner` have the contract's quotes from now on; None where too many contracts are wanted."""
        lease = self.book.want(owner, con_id, priority, self._clock())
        if lease is not None:
            self._wanted_by[owner].add(con_id)
            self._changed.set()
        return lease

    def release(self, owner: str, con_ids: Iterable[int]) -> None:
        """`owner` no longer wants these contracts."""
        gone = [con_id for con_id in con_ids if con_id in self._wanted_by[owner]]
        self._wanted_by[owner].difference_update(gone)
        self.book.release(owner, gone, self._clock())
        self._changed.set()

    def release_all(self, owner: str) -> None:
        """`owner` has gone."""
        self.release(owner, list(self._wanted_by[owner]))
        del self._wanted_by[owner]

    def quoted(self, con_id: int) -> None:
        """A quote has come over the contract's line."""
        self.book.quoted(con_id)
        if self._is_competing:
            self._is_competing = False
            self._paused_until = self._clock() + COMPETING_OVER_SECONDS

    def is_quoted(self, con_id: int) -> bool:
        """Whether a quote has come over the line that the contract has now."""
        lease = self.book.get(con_id)
        return lease is not None and lease.quoted

    def refused(self, con_id: int, code: int, text: str) -> Lease | None:
        """The gateway answers a subscription with an error. Returns the lease, if that is its end."""
        now = self._clock()
        if code == OUT_OF_LINES:
            self.book.over_limit(con_id, now)
            return None
        if code == COMPETING_SESSION:
            self.book.ended(con_id)
            self._is_competing = self._was_struck = True
            self._paused_until = now + COMPETING_RETRY_SECONDS
            return None
        state = REFUSALS.get(code)
        if state is None:
            return None
        self.book.refuse(con_id, state, f"{text} (IB code {code})", now)
        return self.book.get(con_id)

    def cancellation_refused(self) -> None:
        """The gateway did not know a line that was given up: a session that competes has ended them all."""
        if self._was_struck:
            self.book.forget_ended(self._clock())

    def messages_dropped(self) -> None:
        """Some of the latest messages were dropped: what stays without a quote is to be asked for again."""
        now = self._clock()
        self._doubtful |= self.book.unquoted(now - DROPPED_SECONDS)
        self._doubtful_until = now + DROPPED_SECONDS

    def lost_all(self) -> None:
        """Every subscription has ended at the gateway."""
        self._is_competing = self._was_struck = False
        self._paused_until = float("-inf")
        self._doubtful.clear()
        self.book.lost_all(self._clock())
        self.book.limit = self._most  # a new session may have as many as ever
        self._changed.set()

    async def run(self) -> NoReturn:
        """Keep the gateway's subscriptions what the book says, until cancelled."""
        while True:
            self._end_doubts()
            if self._may_send and self.book.plan(self._clock()) is not None:
                self._take_step(await self._pacer.turn(Lane.MARKET_DATA))
            else:
                await self._wait()

    @property
    def _may_send(self) -> bool:
        return self._link.ready and self._clock() >= self._paused_until

    def _end_doubts(self) -> None:
        if self._doubtful and self._clock() >= self._doubtful_until:
            self._was_struck = self._was_struck and self.book.has_ended
            unquoted = self.book.unquoted(min(self._doubtful.values()))
            for con_id in [one for one, since in self._doubtful.items() if unquoted.get(one) == since]:
                self.book.ended(con_id)
            self._doubtful.clear()

    def _take_step(self, number: int) -> None:
        step = self.book.plan(self._clock()) if self._may_send else None
        if step is None:
            return
        self.book.commit(step, self._clock())
        if isinstance(step, Start):
            self._link.subscribe(step.con_id, number)
        else:
            self._link.unsubscribe(step.con_id)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(RECHECK_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()
