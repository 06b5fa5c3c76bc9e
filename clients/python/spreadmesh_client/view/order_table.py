"""Orders as a table, and an order in a line."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text
from spreadmesh.order.v1.order_pb2 import Order, OrderOrigin, OrderState

from spreadmesh_client.orders.decimals import quantity_text
from spreadmesh_client.orders.states import is_done, state_name
from spreadmesh_client.view.text import MISSING, iso_time, net_price

_STYLES: Final = {
    OrderState.ORDER_STATE_FILLED: "green",
    OrderState.ORDER_STATE_REJECTED: "bold red",
    OrderState.ORDER_STATE_UNKNOWN: "bold red",
    OrderState.ORDER_STATE_ABSENT: "bold red",
}


def order_table(orders: Sequence[Order]) -> Table:
    """One row for each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Order", "Legs", "Limit", "State", "Filled", "Price", "Commission", "Updated", ""):
        table.add_column(title)
    for order in orders:
        table.add_row(
            order.client_order_id or _elsewhere(order),
            legs_text(order),
            limit_text(order),
            state_text(order),
            f"{quantity_text(order.filled_quantity)} of {order.spec.quantity}",
            price_text(order),
            order.commission.value if order.HasField("commission") else MISSING,
            iso_time(order.updated_time.ToNanoseconds()),
            order.reason,
        )
    return table


def order_line(order: Order) -> Text:
    """Where an order stands, in one line."""
    line = Text(f"{order.client_order_id or _elsewhere(order)}  ")
    line.append(state_text(order))
    line.append(f"  filled {quantity_text(order.filled_quantity)} of {order.spec.quantity}")
    if order.HasField("average_price"):
        line.append(f" at {price_text(order)}")
    if not is_done(order) and order.spec.HasField("limit_price"):
        line.append(f", limit {limit_text(order)}")
    if order.HasField("commission"):
        line.append(f", commission {order.commission.value} USD")
    if order.reason:
        line.append(f"  {order.reason}", "dim")
    return line


def state_text(order: Order) -> Text:
    """The state, in a colour where it is the end or a worry."""
    return Text(state_name(order).lower().replace("_", " "), _STYLES.get(order.state, ""))


def limit_text(order: Order) -> str:
    """The limit; `market` where there is none."""
    return net_price(float(order.spec.limit_price.value)) if order.spec.HasField("limit_price") else "market"


def price_text(order: Order) -> str:
    """Mean price of what is filled."""
    return net_price(float(order.average_price.value)) if order.HasField("average_price") else MISSING


def legs_text(order: Order) -> str:
    """Ratios and contract numbers."""
    return " ".join(f"{leg.ratio:+d}×{leg.con_id}" for leg in order.spec.legs)


def _elsewhere(order: Order) -> str:
    origin = OrderOrigin.Name(order.origin).removeprefix("ORDER_ORIGIN_").lower().replace("_", " ")
    return f"({origin} {order.perm_id})"
