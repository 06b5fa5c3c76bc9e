"""The kill switch: persisted, so that it outlives this process."""

from typing import Final

from ibkr_server.desk.answers import Halt
from ibkr_server.desk.cancelling import Cancelling
from ibkr_server.desk.ledger import Ledger
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import EverythingCancelled, Halted, Resumed
from mesh.access.roles import Caller
from mesh.errors import failed_precondition

BY_HALT: Final = "placing was halted"


class Halts:
    """Halting takes effect with its record: whoever writes an order asks right before, with no await."""

    def __init__(self, ledger: Ledger, broker: Broker, cancelling: Cancelling) -> None:
        self._ledger = ledger
        self._broker = broker
        self._cancelling = cancelling

    def halt(self, reason: str, caller: Caller, *, cancel_orders: bool) -> tuple[Halt, list[str]]:
        """Let nothing new leave from now on; returns it, and the orders whose cancellation is owed now.

        Raises:
            MeshError: UNAVAILABLE: the journal can't be written to. Placing is halted until this process
                ends or the journal can be written to, and the orders are cancelled nonetheless.
        """
        wanted = self._ledger.book.live_records() if cancel_orders else []
        asked = self._cancelling.ask(wanted, caller.name, BY_HALT, (None, Halted(reason, caller.name)))
        crash_at(Failpoint.AFTER_KILL_PERSISTED)
        halt = self._ledger.halt
        assert halt is not None, "it was recorded just now"  # noqa: S101 - the fold of what is above
        return halt, list(asked.client_order_ids)

    def resume(self, halt_sequence: int, reason: str, caller: Caller) -> None:
        """End a halt; the one that is named, so that a later one stands.

        Raises:
            MeshError: FAILED_PRECONDITION: another halt is in force; UNAVAILABLE: the journal can't be
                written to.
        """
        halt = self._ledger.halt
        if halt is None:
            return
        if halt.sequence != halt_sequence:
            text = f"the halt in force is {halt.sequence}, by {halt.by}: {halt.reason}"
            raise failed_precondition("OTHER_HALT", f"halt {halt_sequence}", text)
        self._ledger.record((None, Resumed(halt_sequence, reason, caller.name)))

    async def cancel_everything(self, caller: Caller) -> None:
        """Cancel every order of the login, also those of people and of other programs.

        Raises:
            MeshError: FAILED_PRECONDITION: placing is not halted; UNAVAILABLE: the gateway is away, or the
                journal can't be written to.
        """
        self._check_halted()
        await self._broker.turn()
        self._check_halted()
        live = self._ledger.book.live_records()
        self._cancelling.ask(live, caller.name, "", (None, EverythingCancelled(caller.name)))
        self._broker.cancel_everything()

    def _check_halted(self) -> None:
        if self._ledger.halt is None:
            raise failed_precondition("NOT_HALTED", "trading", "halt it first, or new orders will follow")
