"""Orders entered in TWS itself: what somebody types there, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tws_sim.market.listing import ContractQuery
from tws_sim.orders.order import Order, snapshot
from tws_sim.orders.reports import OrderBound
from tws_sim.orders.ticket import ComboLeg, Ticket

if TYPE_CHECKING:
    from tws_sim.orders.engine import OrderEngine


def _split(legs: object) -> object:
    """Legs out of a text like ``265598:1,272093:-1``."""
    return [part.split(":") for part in legs.split(",")] if isinstance(legs, str) else legs


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def terms(self) -> dict[str, str]:
        """The fields of an order that it fills in."""
        names = {
            "quantity": "totalQuantity",
            "order_type": "orderType",
            "limit": "lmtPrice",
            "stop": "auxPrice",
        }
        given = self.model_dump(exclude_none=True, exclude={"con_id", "legs", "perm_id"})
        return {names.get(name, name): str(value) for name, value in given.items()}


class Placement(_Form):
    """A new order, for one contract or for a combination of contract ids and ratios (sold: negative)."""

    action: Literal["BUY", "SELL"]
    quantity: Annotated[int, Field(gt=0)]
    con_id: int | None = None
    legs: Annotated[Sequence[tuple[int, int]], BeforeValidator(_split)] = ()
    order_type: Literal["LMT", "MKT", "STP", "STP LMT"] = "LMT"
    limit: Decimal | None = None
    stop: Decimal | None = None
    tif: Literal["DAY", "GTC", "IOC"] = "DAY"


class Change(_Form):
    """Another price or quantity for any live order."""

    perm_id: int
    quantity: Annotated[int | None, Field(gt=0)] = None
    limit: Decimal | None = None
    stop: Decimal | None = None


def place(engine: "OrderEngine", form: Placement) -> Order:
    """Enter an order.

    Raises:
        ValueError: it has no contract, or is not taken (a RefusedError).
    """
    listing = engine.gateway.market.listing
    item = listing.by_id(form.legs[0][0] if form.legs else form.con_id or 0)
    if item is None or bool(form.legs) == (form.con_id is not None):
        raise ValueError("an order is for one listed con_id, or for legs of such")
    legs = tuple(
        ComboLeg(con_id, abs(ratio), "BUY" if ratio > 0 else "SELL", "SMART") for con_id, ratio in form.legs
    )
    contract = ContractQuery(
        con_id=0 if legs else item.con_id,
        symbol=item.symbol,
        sec_type="BAG" if legs else "",
        exchange="SMART",
        currency="USD",
    )
    order = engine.accept(0, 0, Ticket(contract, form.terms(), legs))
    order.by_hand = True
    if engine.binds:
        bind(engine)
    engine.transmit(order)
    return order


def change(engine: "OrderEngine", form: Change) -> Order:
    """Change an order, whoever placed it.

    Raises:
        ValueError: there is none, or it cannot be changed like this.
    """
    order = find(engine, form.perm_id)
    engine.change(order, replace(order.ticket, terms=order.ticket.terms | form.terms()))
    return order


def cancel(engine: "OrderEngine", perm_id: int) -> Order:
    """Cancel an order, whoever placed it.

    Raises:
        ValueError: there is none, or it has ended.
    """
    order = find(engine, perm_id)
    engine.begin_cancel(order)
    return order


def find(engine: "OrderEngine", perm_id: int) -> Order:
    """An order by its permId.

    Raises:
        ValueError: there is none.
    """
    order = engine.book.orders.get(perm_id)
    if order is None:
        raise ValueError(f"there is no order with permId {perm_id}")
    return order


def bind(engine: "OrderEngine") -> None:
    """Give orders entered by hand numbers of client 0's; they are negative and never used twice."""
    by_hand = [order for order in engine.book.orders.values() if order.by_hand]
    lowest = min((order.order_id for order in by_hand), default=0)
    for order in by_hand:
        if not order.order_id and not order.done:
            lowest -= 1
            order.order_id = lowest
            engine.reports.send(OrderBound(snapshot(order)))
