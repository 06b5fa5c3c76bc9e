"""The server's word held against the simulator's ledger."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from spreadmesh.order.v1.execution_pb2 import Execution
from spreadmesh.order.v1.order_pb2 import Order, OrderState

STATES = {
    OrderState.ORDER_STATE_FILLED: {"Filled"},
    OrderState.ORDER_STATE_CANCELLED: {"Cancelled", "ApiCancelled"},
    OrderState.ORDER_STATE_REJECTED: {"Inactive"},
}
Row = tuple[str, int, Decimal, Decimal]
"""Of an execution: id without its correction, contract, signed quantity, price."""


def violations(
    name: str,
    ledger: dict[str, Any],
    order: Order,
    executions: Sequence[Execution],
    positions: dict[int, Decimal],
    *,
    most_alike: int = 1,
) -> list[str]:
    """What an invariant forbids, one line for each.

    Args:
        name: Of the order.
        ledger: The broker's word on all orders.
        order: The server's word on this one.
        executions: The server's, of all orders.
        positions: The server's, those that are not zero.
        most_alike: Orders that may bear the name: two where the broker doubles them.
    """
    mine = [entry for entry in ledger["orders"] if entry["order_ref"] == name]
    return [
        *_at_most_once(mine, most_alike),
        *_order_ids(ledger),
        *_state(order, mine),
        *executions_differ(ledger, executions),
        *positions_differ(ledger, positions),
    ]


def _at_most_once(mine: list[dict[str, Any]], most_alike: int) -> list[str]:
    """Invariants 1 to 3: one order of the name, but for one that the broker doubles; both end."""
    found = [f"{len(mine)} orders are named alike"] if len(mine) > most_alike else []
    if len(mine) == 2 and any(entry["live"] for entry in mine):
        found.append("a doubled order was left alive")
    return found


def _order_ids(ledger: dict[str, Any]) -> list[str]:
    """Invariant 4: numbers of new orders never fall."""
    numbers = [entry["order_id"] for entry in ledger["orders"] if entry["client_id"] and not entry["by_hand"]]
    distinct = list(dict.fromkeys(numbers))
    return [] if distinct == sorted(distinct) else [f"order ids fell: {numbers}"]


def _state(order: Order, mine: list[dict[str, Any]]) -> list[str]:
    """Invariants 5 and 8: what the server calls done is what the broker calls done."""
    if order.state == OrderState.ORDER_STATE_ABSENT:
        # TWS lists no order that was cancelled before it left for IB.
        left = [entry for entry in mine if entry["status"] != "ApiCancelled"]
        return [f"ABSENT, but the broker has {left}"] if left else []
    expected = STATES.get(order.state)
    if expected is None:
        return [f"ended as {OrderState.Name(order.state)}"]
    if not mine:
        rejected = order.state == OrderState.ORDER_STATE_REJECTED
        return [] if rejected else [f"{OrderState.Name(order.state)}, but the broker knows no such order"]
    if len(mine) == 1 and mine[0]["status"] not in expected:
        return [f"{OrderState.Name(order.state)}, but the broker says {mine[0]['status']}"]
    return []


def executions_differ(ledger: dict[str, Any], executions: Sequence[Execution]) -> list[str]:
    """Invariant 8: the journal's fills are the broker's, with the last correction of each."""
    ours = {
        _row(one.execution_id, one.con_id, Decimal(one.quantity.value), Decimal(one.price.value))
        for one in executions
    }
    theirs = {_entry(entry) for entry in _latest(ledger["executions"])}
    missing, invented = theirs - ours, ours - theirs
    return [
        f"{what}: {sorted(rows)}"
        for what, rows in (("fills lost", missing), ("fills invented", invented))
        if rows
    ]


def positions_differ(ledger: dict[str, Any], positions: dict[int, Decimal]) -> list[str]:
    """Invariant 9."""
    expected: Counter[int] = Counter()
    for entry in _latest(ledger["executions"]):
        if entry["commission"] is not None:
            expected[entry["con_id"]] += int(_signed(entry))
    held = {con_id: Decimal(quantity) for con_id, quantity in expected.items() if quantity}
    return [] if held == positions else [f"positions are {positions}, of the broker's executions {held}"]


def _latest(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        base, _, number = entry["execution_id"].rpartition(".")
        if base not in found or int(number) > int(found[base]["execution_id"].rpartition(".")[2]):
            found[base] = entry
    return list(found.values())


def _entry(entry: dict[str, Any]) -> Row:
    return _row(entry["execution_id"], entry["con_id"], _signed(entry), Decimal(str(entry["price"])))


def _row(execution_id: str, con_id: int, quantity: Decimal, price: Decimal) -> Row:
    return execution_id, con_id, quantity.normalize(), price.normalize()


def _signed(entry: dict[str, Any]) -> Decimal:
    return Decimal(entry["quantity"]) * (1 if entry["side"] == "BOT" else -1)
