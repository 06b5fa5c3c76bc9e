"""Asking for cancellations: one order's, or those of many."""

from collections.abc import Iterable

from ibkr_server.desk.answers import Cancelled
from ibkr_server.desk.cancels import Cancels
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.visible import absent, sees
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import CancelIntent, Draft
from ibkr_server.orders.order import Order, OrderState
from ibkr_server.orders.record import Record
from mesh.access.roles import Caller
from mesh.errors import MeshError, failed_precondition


class Cancelling:
    """Cancellations pass whatever else is refused; orders made elsewhere are never touched."""

    def __init__(self, ledger: Ledger, broker: Broker, cancels: Cancels, settings: OrderSettings) -> None:
        self._ledger = ledger
        self._broker = broker
        self._cancels = cancels
        self._ack_seconds = settings.ack_seconds

    async def cancel(self, client_order_id: str, caller: Caller) -> Order:
        """Ask for an order of the caller's to be cancelled, and wait for the gateway's answer if it is there.

        Raises:
            MeshError: NOT_FOUND: absent or somebody else's; FAILED_PRECONDITION: it is filled; UNAVAILABLE:
                the journal can't be written to, and the cancellation is sent nonetheless.
        """
        found = self._of(client_order_id, caller)
        if found.state is OrderState.FILLED:
            raise failed_precondition("ORDER_FILLED", f"order {client_order_id}", "it is filled already")
        if _is_worth_asking(found):
            self.ask([found], caller.name, "")
        if self._broker.can_send:
            await self._ledger.until(lambda: self._is_answered(client_order_id), self._ack_seconds)
        return self._ledger.book.records[client_order_id].order

    def ask(self, wanted: Iterable[Record], by: str, reason: str, *first: Draft) -> Cancelled:
        """Owe the cancellation of these orders, recorded in one transaction behind `first`.

        Raises:
            MeshError: UNAVAILABLE: the journal can't be written to; the cancellations are sent nonetheless.
        """
        asked = [found for found in wanted if _is_worth_asking(found)]
        try:
            self._ledger.record(
                *first, *((found.client_order_id, CancelIntent(by, reason)) for found in asked)
            )
        except MeshError:
            for found in asked:
                self._cancels.owe(found.intent.order_id)
            raise
        return Cancelled([found.client_order_id for found in asked], self._broker.can_send)

    def _of(self, client_order_id: str, caller: Caller) -> Record:
        found = self._ledger.book.records.get(client_order_id)
        if found is None or not sees(caller, found.intent.owner):
            raise absent(client_order_id)
        return found

    def _is_answered(self, client_order_id: str) -> bool:
        found = self._ledger.book.records[client_order_id]
        return found.is_done or found.told is OrderState.PENDING_CANCEL


def _is_worth_asking(found: Record) -> bool:
    """Also where an order is absent: it is cancelled should it appear."""
    return not found.cancel_wanted and (not found.is_done or found.state is OrderState.ABSENT)
