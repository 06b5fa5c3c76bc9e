"""Who wants which market data line, and who gets one: decisions only, no I/O.

A gateway sells a fixed number of lines (100 by default) and answers error 101 beyond it. One line serves
everybody who wants the contract. Where more are wanted than there are lines, those of equal priority take
turns: a contract that has shown its quote makes room for the one that has waited longest, and those that were
never looked at come first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ibkr_server.lines.lease import Lease, LeaseState
from ibkr_server.lines.turns import Turns

FIRST_QUOTE_SECONDS = 2.0
"""A line without a quote for this long may pass on: some contracts never have one."""
LOOK_SECONDS = 0.25
"""A line is kept at least this long, so that open interest and volume come with the quote."""


@dataclass(frozen=True, slots=True)
class Start:
    """Subscribe to a contract."""

    con_id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Cancel the subscription to a contract."""

    con_id: int


class LeaseBook:
    """Every contract wanted and its line. Times are seconds of the host's monotonic clock.

    What waits stands in the order in which it will get a line, what streams in the order in which it must
    give its line up.
    """

    def __init__(self, limit: int, linger: float, capacity: int) -> None:
        """Use at most `limit` lines, keep unowned ones `linger` seconds, refuse past `capacity` contracts."""
        self.limit = limit
        self.evictions = 0
        self._linger = linger
        self._capacity = capacity
        self._leases: dict[int, Lease] = {}
        self._waiting = Turns()
        self._streaming = Turns()
        self._ended: dict[int, None] = {}

    def __repr__(self) -> str:
        return f"<LeaseBook {self.in_use}/{self.limit} lines, {len(self._waiting)} waiting>"

    def __iter__(self) -> Iterator[Lease]:
        return iter(self._leases.values())

    def __len__(self) -> int:
        return len(self._leases)

    @property
    def capacity(self) -> int:
        """The most contracts that may be wanted at once."""
        return self._capacity

    @property
    def in_use(self) -> int:
        """Lines in use."""
        return len(self._streaming)

    @property
    def rotating(self) -> bool:
        """Whether more is wanted than there are lines."""
        return len(self._waiting) + len(self._streaming) > self.limit

    def get(self, con_id: int) -> Lease | None:
        """The lease of a contract, if it is wanted."""
        return self._leases.get(con_id)

    def want(self, owner: str, con_id: int, priority: int, now: float) -> Lease | None:
        """Let `owner` have the contract's quotes from now on; None where the book is full."""
        lease = self._leases.get(con_id)
        if lease is None:
            if len(self._leases) >= self._capacity:
                return None
            lease = self._leases[con_id] = Lease(con_id, since=now)
        lease.owners[owner] = priority
        lease.unowned_since = None
        self._enqueue(lease)
        return lease

    def release(self, owner: str, con_ids: Iterable[int], now: float) -> None:
        """`owner` no longer wants these. A line lingers; what waits or was refused is forgotten."""
        for con_id in con_ids:
            lease = self._leases.get(con_id)
            if lease is None or lease.owners.pop(owner, None) is None:
                continue
            if not lease.owners and lease.state is not LeaseState.STREAMING:
                self._forget(lease)
                continue
            if not lease.owners:
                lease.unowned_since = now
            self._enqueue(lease)

    def quoted(self, con_id: int) -> None:
        """A quote has come over the contract's line."""
        lease = self._leases.get(con_id)
        if lease is not None:
            lease.quoted = True
            self._ended.pop(con_id, None)

    def refuse(self, con_id: int, state: LeaseState, reason: str, now: float) -> None:
        """The gateway will not stream the contract."""
        lease = self._leases.get(con_id)
        if lease is not None:
            self._move(lease, state, now)
            lease.reason = reason

    def over_limit(self, con_id: int, now: float) -> None:
        """The gateway has fewer lines than we thought (error 101): use only those it gave."""
        lease = self._leases.get(con_id)
        if lease is not None and lease.state is LeaseState.STREAMING:
            self._give_up(lease, now)
            self.limit = max(1, self.in_use)

    def ended(self, con_id: int) -> None:
        """The gateway sends nothing more over this line, for now: it will be given up and asked for again."""
        lease = self._leases.get(con_id)
        if lease is not None and lease.state is LeaseState.STREAMING:
            lease.quoted = False
            self._ended[con_id] = None

    @property
    def has_ended(self) -> bool:
        """Whether a line has ended that is not given up yet."""
        return bool(self._ended)

    def forget_ended(self, now: float) -> None:
        """What has ended needs no cancellation: the gateway does not know it any more."""
        for con_id in list(self._ended):
            self._give_up(self._leases[con_id], now)

    def unquoted(self, since: float) -> dict[int, float]:
        """Lines got at `since` or later over which no quote has come yet: when each was got, by contract."""
        leases = (self._leases[con_id] for con_id in self._streaming)
        return {lease.con_id: lease.since for lease in leases if lease.since >= since and not lease.quoted}

    def lost_all(self, now: float) -> None:
        """The gateway has dropped every subscription: nothing streams, everything wanted waits."""
        for con_id in list(self._streaming):
            self._give_up(self._leases[con_id], now)

    def plan(self, now: float) -> Start | Stop | None:
        """The next step; None where nothing is to be done at this time."""
        idle = self._longest_unowned()
        if idle is not None and idle.unowned_since is not None and now - idle.unowned_since >= self._linger:
            return Stop(idle.con_id)
        waiting = next(iter(self._waiting), None)
        if waiting is not None and self.in_use < self.limit:
            return Start(waiting)
        if self._ended:
            return Stop(next(iter(self._ended)))
        if waiting is None:
            return None
        victim = self._victim(self._leases[waiting].priority, now)
        return None if victim is None else Stop(victim.con_id)

    def commit(self, step: Start | Stop, now: float) -> None:
        """The step is being taken."""
        lease = self._leases[step.con_id]
        if isinstance(step, Start):
            self._move(lease, LeaseState.STREAMING, now)
            return
        if lease.owners and lease.con_id not in self._ended:
            self.evictions += 1
            lease.looked_at = True
        self._give_up(lease, now)

    def _longest_unowned(self) -> Lease | None:
        first = next(iter(self._streaming), None)
        return None if first is None or self._leases[first].owners else self._leases[first]

    def _victim(self, waiting_priority: int, now: float) -> Lease | None:
        for con_id in self._streaming:
            lease = self._leases[con_id]
            if lease.priority < waiting_priority:
                return lease
            if lease.priority > waiting_priority:
                return None
            if _has_had_its_turn(lease, now):
                return lease
        return None

    def _give_up(self, lease: Lease, now: float) -> None:
        if lease.owners:
            self._move(lease, LeaseState.WAITING, now)
        else:
            self._forget(lease)

    def _move(self, lease: Lease, state: LeaseState, now: float) -> None:
        self._dequeue(lease)
        lease.state, lease.since, lease.quoted = state, now, False
        self._enqueue(lease)

    def _forget(self, lease: Lease) -> None:
        self._dequeue(lease)
        del self._leases[lease.con_id]

    def _enqueue(self, lease: Lease) -> None:
        if lease.state is LeaseState.STREAMING:
            since = lease.since if lease.unowned_since is None else lease.unowned_since
            self._streaming.put(lease.con_id, (lease.priority, since))
        elif lease.state is LeaseState.WAITING:
            self._waiting.put(lease.con_id, (-lease.priority, lease.looked_at, lease.since))

    def _dequeue(self, lease: Lease) -> None:
        self._streaming.discard(lease.con_id)
        self._waiting.discard(lease.con_id)
        self._ended.pop(lease.con_id, None)


def _has_had_its_turn(lease: Lease, now: float) -> bool:
    held = now - lease.since
    return held >= (LOOK_SECONDS if lease.quoted else FIRST_QUOTE_SECONDS)
