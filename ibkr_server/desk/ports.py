"""What the desk asks of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.preview import Preview
from mesh.access.roles import Caller


@dataclass(frozen=True, slots=True)
class Placement:
    """An order that somebody asks for."""

    client_order_id: str
    spec: OrderSpec
    preview_token: str = ""
    allow_duplicate: bool = False
    lease_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an order that somebody asks for; None keeps what the order has."""

    client_order_id: str
    revision: int
    limit_price: Decimal | None = None
    quantity: int | None = None
    preview_token: str = ""


class RiskGate(Protocol):
    """Judges whether an order may be sent."""

    async def preview(
        self,
        spec: OrderSpec,
        caller: Caller,
        *,
        live_orders: Sequence[Order],
        replacing: Order | None,
    ) -> Preview:
        """What an order would do, and what speaks against it; nothing is placed.

        Raises:
            MeshError: INVALID_ARGUMENT, FAILED_PRECONDITION, DEADLINE_EXCEEDED, UNAVAILABLE.
        """

    async def check(
        self,
        spec: OrderSpec,
        caller: Caller,
        token: str,
        *,
        allow_duplicate: bool,
        live_orders: Sequence[Order],
        replacing: Order | None,
    ) -> None:
        """Let an order pass, or refuse it.

        Raises:
            MeshError: FAILED_PRECONDITION with every limit that it exceeds.
        """

    def placed(self, spec: OrderSpec, caller: Caller) -> None:
        """Count an order towards the windows: its intent is recorded, its bytes are next."""

    def withdrawn(self, spec: OrderSpec, caller: Caller) -> None:
        """Count an order that has passed no longer: nothing of it was sent."""
