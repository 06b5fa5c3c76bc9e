"""Leases: orders placed under one are cancelled when it is not renewed in time."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

from ibkr_server.desk.answers import Cancelled, LeaseTerm
from ibkr_server.desk.cancelling import Cancelling
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.visible import sees
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import LeaseEnded, LeaseGranted
from ibkr_server.orders.record import Record
from mesh.access.roles import Caller
from mesh.errors import MeshError, failed_precondition, not_found, quota_exceeded

SHORTEST, LONGEST, DEFAULT = 2.0, 60.0, 10.0
"""Terms, seconds."""


class Leases:
    """Terms run on this process's clock. Those that the journal has get a full one after a restart."""

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        cancelling: Cancelling,
        most: int,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._cancelling = cancelling
        self._most = most
        self._clock = clock
        self._now = now
        self._expires = {name: clock() + lease.seconds for name, lease in ledger.book.leases.items()}
        self._changed = asyncio.Event()

    def renew(self, lease_id: str, seconds: float | None, caller: Caller) -> LeaseTerm:
        """Extend a lease from now on; open one where `lease_id` is empty.

        Raises:
            MeshError: NOT_FOUND: it has ended or is somebody else's; RESOURCE_EXHAUSTED: too many are open;
                UNAVAILABLE: the journal can't be written to.
        """
        if not lease_id:
            lease_id = self._open(DEFAULT if seconds is None else seconds, caller)
        lease = self._of(lease_id, caller)
        term = lease.seconds if seconds is None else seconds
        if term != lease.seconds:
            self._ledger.record((None, LeaseGranted(lease_id, lease.owner, term)))
        self._expires[lease_id] = self._clock() + term
        self._changed.set()
        return LeaseTerm(lease_id, self._now() + timedelta(seconds=term), self._broker.can_send)

    def end(self, lease_id: str, caller: Caller, *, cancel_orders: bool) -> Cancelled:
        """End a lease; its orders are cancelled, or stay without one.

        Raises:
            MeshError: NOT_FOUND: it has ended or is somebody else's; UNAVAILABLE: the journal can't be
                written to.
        """
        self._of(lease_id, caller)
        wanted = self._orders(lease_id) if cancel_orders else []
        ended = LeaseEnded(lease_id, expired=False)
        cancelled = self._cancelling.ask(wanted, caller.name, "the lease was ended", (None, ended))
        self._expires.pop(lease_id, None)
        return cancelled

    def check(self, lease_id: str, caller: Caller) -> None:
        """Let an order be placed under it.

        Raises:
            MeshError: FAILED_PRECONDITION: it has ended, or is somebody else's.
        """
        lease = self._ledger.book.leases.get(lease_id)
        if lease is None or lease.owner != caller.name or self._clock() >= self._expires.get(lease_id, 0.0):
            raise failed_precondition("LEASE_ENDED", f"lease {lease_id}", "no such lease of yours is open")

    async def run(self) -> NoReturn:
        """End leases that run out, for ever."""
        while True:
            self._changed.clear()
            self._end_expired()
            soonest = min(self._expires.values(), default=None)
            pause = None if soonest is None else max(soonest - self._clock(), 0.0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()

    def _end_expired(self) -> None:
        now = self._clock()
        for lease_id in [each for each, expires in self._expires.items() if expires <= now]:
            del self._expires[lease_id]
            ended = LeaseEnded(lease_id, expired=True)
            owner = self._ledger.book.leases[lease_id].owner
            with contextlib.suppress(MeshError):  # not recorded, but cancelled all the same
                wanted = self._orders(lease_id)
                self._cancelling.ask(wanted, owner, "its lease ran out", (None, ended))

    def _open(self, seconds: float, caller: Caller) -> str:
        mine = sum(lease.owner == caller.name for lease in self._ledger.book.leases.values())
        if mine >= self._most:
            raise quota_exceeded("leases", f"you have {mine} open", DEFAULT)
        lease_id = secrets.token_hex(8)
        self._ledger.record((None, LeaseGranted(lease_id, caller.name, seconds)))
        return lease_id

    def _of(self, lease_id: str, caller: Caller) -> LeaseGranted:
        lease = self._ledger.book.leases.get(lease_id)
        if lease is None or not sees(caller, lease.owner):
            raise not_found("lease", lease_id, "no such lease of yours")
        return lease

    def _orders(self, lease_id: str) -> list[Record]:
        return [found for found in self._ledger.book.live_records() if found.lease_id == lease_id]
