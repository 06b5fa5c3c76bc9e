"""Messages about the account."""

from datetime import datetime
from typing import TYPE_CHECKING

from tws_sim.market.instrument import Instrument, Share
from tws_sim.wire.contracts import described
from tws_sim.wire.framing import Field, message

if TYPE_CHECKING:
    from tws_sim.account.account import Holding, Profit
    from tws_sim.account.position import Position
    from tws_sim.account.values import Value


def value(found: "Value", account: str) -> bytes:
    """One of the account's values."""
    return message(6, 2, found.tag, found.value, found.currency, account)


def value_multi(request_id: int, found: "Value", account: str) -> bytes:
    """The same under a request id, of no model portfolio."""
    return message(73, 1, request_id, account, "", found.tag, found.value, found.currency)


def summary(request_id: int, found: "Value", account: str) -> bytes:
    """The same in a summary."""
    return message(63, 1, request_id, account, found.tag, found.value, found.currency)


def update_time(now: datetime) -> bytes:
    """When the account was last updated."""
    return message(8, 1, f"{now:%H:%M}")


def portfolio(holding: "Holding", account: str) -> bytes:
    """A position with its value and profit, USD."""
    position, profit = holding.position, holding.profit
    con_id, *contract = described(position.item, _listed_at(position.item))
    return message(
        *(7, 8, con_id, *contract, position.quantity, holding.price, round(holding.value, 2)),
        *(position.average_cost, round(profit.unrealized, 2), round(profit.realized, 2), account),
    )


def position(held: "Position", account: str) -> bytes:
    """A position and its average cost, USD per contract."""
    return message(61, 3, account, *_position(held))


def position_multi(request_id: int, held: "Position", account: str) -> bytes:
    """The same under a request id, of no model portfolio."""
    return message(71, 1, request_id, account, *_position(held), "")


def _position(held: "Position") -> list[Field]:
    return [*described(held.item, _listed_at(held.item)), held.quantity, held.average_cost]


def _listed_at(item: Instrument) -> str:
    return item.primary_exchange if isinstance(item, Share) else ""


def profit(request_id: int, found: "Profit") -> bytes:
    """Profit of the account, USD."""
    return message(94, request_id, *(round(figure, 2) for figure in found))


def profit_single(request_id: int, holding: "Holding") -> bytes:
    """Profit of one contract, USD."""
    figures = (round(figure, 2) for figure in holding.profit)
    return message(95, request_id, holding.position.quantity, *figures, round(holding.value, 2))
