"""The order desk, put together: what the RPCs ask and what the gateway tells."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from ibkr_server.desk import listing
from ibkr_server.desk.answers import Halt, TradingStatus
from ibkr_server.desk.cancelling import Cancelling
from ibkr_server.desk.cancels import Cancels
from ibkr_server.desk.halts import Halts
from ibkr_server.desk.leases import Leases
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.listing import Page
from ibkr_server.desk.names import Names
from ibkr_server.desk.order_times import OrderTimes
from ibkr_server.desk.overdue import Overdue
from ibkr_server.desk.placing import Placing
from ibkr_server.desk.ports import Change, Placement, RiskGate
from ibkr_server.desk.readiness import Readiness
from ibkr_server.desk.recovery import Recovery
from ibkr_server.desk.replacing import Replacing
from ibkr_server.desk.tally import Tally
from ibkr_server.desk.watch import OrderWatch, Watches
from ibkr_server.journal.journal import Journal
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders import alarms
from ibkr_server.orders.broker import Broker, BrokerListener
from ibkr_server.orders.order import Execution, Order, OrderState
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.preview import Preview
from mesh.access.roles import Caller
from mesh.errors import MeshError


class OrderDesk:
    """Orders, each sent at most once, and what became of them. Works while `run` does."""

    def __init__(
        self,
        journal: Journal,
        broker: Broker,
        gate: RiskGate,
        settings: OrderSettings,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """`clock` gives the event loop's seconds, `now` the host's time, UTC.

        Raises:
            JournalError: The journal can't be read, or is not what was written.
        """
        self._broker = broker
        self._gate = gate
        self._now = now
        self._ledger = ledger = Ledger(journal, now)
        self._readiness = Readiness(ledger, broker, settings, clock)
        self._watches = Watches(ledger, settings.watch_buffer)
        self._cancels = Cancels(ledger, broker, clock)
        self._cancelling = Cancelling(ledger, broker, self._cancels, settings)
        self._halts = Halts(ledger, broker, self._cancelling)
        self.leases = Leases(ledger, broker, self._cancelling, settings.max_leases, clock, now)
        self._recovery = Recovery(
            ledger,
            broker,
            self._readiness,
            settings.reconcile_retry_seconds,
            settings.reconcile_every_seconds,
            self._cancels.new_session,
        )
        self._overdue = Overdue(ledger, settings.ack_seconds, clock, self._recovery.read_again)
        names = Names(settings.max_placements)
        self._placing = Placing(ledger, broker, gate, self._readiness, self.leases, names, settings)
        self._replacing = Replacing(ledger, broker, gate, self._readiness, names, settings)
        ledger.when_unwritable = self._recovery.read_again
        self.tally, self.times = Tally(ledger.book), OrderTimes(ledger.book)
        for reader in (self.times, self.tally):
            ledger.add_reader(reader)
        self._recovery.begin()

    @property
    def listener(self) -> BrokerListener:
        """Who is to be told what the gateway says of orders."""
        return self._recovery.hearing

    async def run(self) -> NoReturn:
        """Recover, cancel what is owed, notice what is overdue and what expires, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for part in (self._recovery, self._cancels, self._overdue, self.leases):
                tasks.create_task(part.run())
        raise AssertionError("its parts never return")

    async def preview(self, spec: OrderSpec, caller: Caller, replaces: str = "") -> Preview:
        """What an order would do, and what speaks against it; nothing is placed.

        `replaces` names the order of which it would be a change; empty for a new one.

        Raises:
            MeshError: As `RiskGate`; NOT_FOUND: there is no such order of the caller's to replace;
                INVALID_ARGUMENT: more than limit and quantity would change.
        """
        replacing = self._replacing.changed_into(spec, replaces, caller) if replaces else None
        live_orders = self._ledger.book.live_orders()
        return await self._gate.preview(spec, caller, live_orders=live_orders, replacing=replacing)

    async def place(self, placement: Placement, caller: Caller) -> Order:
        """Place an order once, however often it is called with the same name and the same order.

        Returns:
            The order as it is; UNKNOWN where the gateway has not answered in time.

        Raises:
            MeshError: Nothing was sent. ALREADY_EXISTS: the name has another order; UNAVAILABLE: not READY,
                or the journal can't be written to; FAILED_PRECONDITION: halted, trading disabled, a limit,
                the lease; RESOURCE_EXHAUSTED: too many are waiting.
        """
        return await self._placing.place(placement, caller)

    async def replace(
        self,
        client_order_id: str,
        revision: int,
        limit_price: Decimal | None,
        quantity: int | None,
        preview_token: str,
        caller: Caller,
    ) -> Order:
        """Change limit price or quantity of a working order, once for each `revision`.

        Returns:
            The order as it is; its revision and reason tell what became of the change.

        Raises:
            MeshError: Nothing was sent. NOT_FOUND; ALREADY_EXISTS: the revision is another change;
                FAILED_PRECONDITION: done, busy, another revision is next, or as for `place`; UNAVAILABLE.
        """
        change = Change(client_order_id, revision, limit_price, quantity, preview_token)
        return await self._replacing.replace(change, caller)

    async def cancel(self, client_order_id: str, caller: Caller) -> Order:
        """Cancel an order, also while halted; owed until it is done. Raises as `Cancelling.cancel`."""
        return await self._cancelling.cancel(client_order_id, caller)

    def get(self, client_order_id: str | None, perm_id: int | None, caller: Caller) -> Order:
        """One order by either name.

        Raises:
            MeshError: NOT_FOUND: absent or somebody else's.
        """
        return listing.order_of(self._ledger.book, caller, client_order_id, perm_id)

    def orders(
        self, caller: Caller, *, open_only: bool = False, size: int = 100, before: int | None = None
    ) -> Page[Order]:
        """Orders of a caller, the latest first; `before` is the `next_offset` of the page before."""
        return listing.orders(self._ledger.book, caller, open_only=open_only, size=size, before=before)

    def executions(
        self,
        caller: Caller,
        *,
        client_order_id: str = "",
        since: datetime | None = None,
        size: int = 1000,
        after: int = 0,
    ) -> Page[Execution]:
        """Trades of a caller, oldest first; `after` is the `next_offset` of the page before."""
        book = self._ledger.book
        return listing.executions(
            book, caller, client_order_id=client_order_id, since=since, size=size, after=after
        )

    def watch(self, caller: Caller, resume: tuple[str, int] | None = None) -> OrderWatch:
        """A stream of what happens from now on, or behind an epoch and sequence.

        Raises:
            MeshError: OUT_OF_RANGE: it can't be resumed there.
        """
        if resume is not None:
            return self._watches.resumed(caller, *resume)
        found = listing.snapshot(
            self._ledger.book,
            caller,
            self._now(),
            reconciled=self._readiness.reconciled,
            halted=self._ledger.halt is not None,
        )
        return self._watches.from_snapshot(caller, found)

    async def halt(self, reason: str, caller: Caller, *, cancel_orders: bool) -> tuple[Halt, list[str]]:
        """Let nothing new leave from now on, also after a restart. Raises as `Halts.halt`."""
        return self._halts.halt(reason, caller, cancel_orders=cancel_orders)

    async def resume(self, halt_sequence: int, reason: str, caller: Caller) -> None:
        """End that halt. Raises as `Halts.resume`."""
        self._halts.resume(halt_sequence, reason, caller)

    async def cancel_everything(self, caller: Caller) -> None:
        """Cancel the orders of everybody, while halted. Raises as `Halts.cancel_everything`."""
        await self._halts.cancel_everything(caller)

    def alert(self, text: str) -> None:
        """A limit has tripped: halt. Where the journal can't be written to, placing is halted as it is."""
        with suppress(MeshError):
            self._ledger.record(*alarms.tripped(f"{self._now():%Y-%m-%d}", text))

    @property
    def ready(self) -> bool:
        """Whether the gateway is there and its lists have been read; halted or not."""
        return self._readiness.reconciled and self._broker.can_send

    @property
    def trading_enabled(self) -> bool:
        """Whether the server was started to place orders."""
        return self._readiness.trading_enabled

    @property
    def halted(self) -> bool:
        """Whether placing is halted."""
        return self._ledger.halt is not None

    @property
    def reconciled(self) -> bool:
        """Whether the gateway's lists have been read in this session."""
        return self._readiness.reconciled

    @property
    def seconds_since_read(self) -> float | None:
        """Since the gateway's lists were last read whole; None before."""
        return self._readiness.seconds_since_read

    async def change(self) -> None:
        """Wait for the next entry of the journal."""
        await self._ledger.change()

    def status(self) -> TradingStatus:
        """Whether orders can be placed, and if not, why."""
        book, refusals = self._ledger.book, self._readiness.refusals()
        live = book.live_records()
        return TradingStatus(
            can_place=not refusals,
            reasons=[each.message for each in refusals],
            halt=self._ledger.halt,
            trading_enabled=self._readiness.trading_enabled,
            reconciled=self._readiness.reconciled,
            unknown_orders=sum(found.state is OrderState.UNKNOWN for found in live),
            open_orders=len(live),
            accounts=self._broker.accounts,
            journal_epoch=self._watches.epoch,
            journal_sequence=self._ledger.sequence,
        )
