"""What is sent of orders: the tickets of one order, or of an entry and its exits."""

from collections.abc import Sequence
from dataclasses import replace

from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.events import Intent
from ibkr_server.orders.spec import OrderSpec, OrderType, request_hash


def intents(name: str, first: Intent, numbers: Sequence[int]) -> list[tuple[str, Intent]]:
    """The intent of an order and those of its exits; `numbers` are the order ids of all of them.

    Exits are called c/profit and c/stop; callers' names have no slash.
    """
    found = [(name, replace(first, order_id=numbers[0]))]
    for number, (suffix, spec) in zip(numbers[1:], first.spec.exits().items(), strict=True):
        exit_ = replace(first, order_id=number, spec=spec, request_hash=request_hash(spec), parent=name)
        found.append((f"{name}/{suffix}", exit_))
    return found


def tickets(orders: list[tuple[str, Intent]]) -> list[Ticket]:
    """What is sent for an entry and its exits: the last one sets them all to work."""
    entry_id = orders[0][1].order_id
    last = len(orders) - 1
    return [
        replace(ticket(name, each, entry_id), transmit=position == last)
        for position, (name, each) in enumerate(orders)
    ]


def ticket(name: str, intent: Intent, entry_id: int, spec: OrderSpec | None = None) -> Ticket:
    """What is sent for one order, at first or, with another spec under the same number, to change it.

    An exit is sent as the sale of what its entry buys.
    """
    spec = spec or intent.spec
    if not intent.parent:
        return Ticket(intent.order_id, name, spec)
    sold = spec.reversed()
    stop = sold.limit_price if spec.type is OrderType.STOP else None
    sold = replace(sold, limit_price=None) if stop is not None else sold
    return Ticket(intent.order_id, name, sold, parent_id=entry_id, is_exit=True, stop_price=stop)
