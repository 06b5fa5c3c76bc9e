"""What must hold between the order desk and the broker's ledger: always, and once all is quiet."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.orders.order import Order, OrderState
from tests.ibkr_server.order_machine.system import CALLER, System

DONE_ALIKE = {
    OrderState.FILLED: {"Filled"},
    OrderState.CANCELLED: {"Cancelled", "ApiCancelled", "Inactive"},
    OrderState.REJECTED: {"Inactive", "Cancelled"},
}


def always(system: System, doubled: bool) -> None:
    """At most one order of a name, two where the broker was told to double; numbers never fall."""
    orders = ours(system.ledger())
    named = Counter(entry["order_ref"] for entry in orders)
    found = {name: count for name, count in named.items() if count > 1 + doubled}
    assert not found, f"too many orders of a name: {found}"
    numbers = list(dict.fromkeys(entry["order_id"] for entry in orders))
    assert numbers == sorted(numbers), f"order ids fell: {numbers}"


def at_rest(system: System) -> None:
    """Journal and broker agree about every order, every fill and every position."""
    desk, entries = system.trading.desk, system.ledger()
    by_name = defaultdict(list)
    for entry in ours(entries):
        by_name[entry["order_ref"]].append(entry)
    for order in desk.orders(CALLER, size=1000).items:
        if order.client_order_id and order.owner:
            _same_end(order, by_name[order.client_order_id])
    assert fills_of_desk(desk) == fills_of_broker(entries)
    held = {position.key[1]: position.quantity for position in system.trading.accounts.positions()}
    assert held == positions_of_broker(entries)


def _same_end(order: Order, found: list[dict[str, Any]]) -> None:
    live = [entry for entry in found if entry["live"]]
    if order.state.is_done:
        assert not live, f"{order.client_order_id} is {order.state.value}, but lives: {live}"
    if order.state is OrderState.ABSENT:
        # TWS lists no order that was cancelled before it left for IB.
        left = [entry for entry in found if entry["status"] != "ApiCancelled"]
        assert not left, f"{order.client_order_id} is absent, but the broker has {left}"
    elif order.state in DONE_ALIKE and len(found) == 1:
        assert found[0]["status"] in DONE_ALIKE[order.state], f"{order} is {found[0]['status']}"
    assert order.state is not OrderState.UNKNOWN, f"{order.client_order_id} is still unknown"
    filled = sum(entry["filled"] for entry in found)
    assert order.filled == filled, f"{order.client_order_id}: {order.filled} filled, of the broker's {filled}"


def ours(ledger: dict[str, Any]) -> list[dict[str, Any]]:
    """Orders that were not made by hand."""
    return [entry for entry in ledger["orders"] if not entry["by_hand"]]


def fills_of_desk(desk: OrderDesk) -> set[tuple[str, int, Decimal]]:
    """Execution, contract and signed quantity."""
    found = desk.executions(CALLER, size=1000).items
    return {(one.execution_id, one.con_id, one.quantity) for one in found}


def fills_of_broker(ledger: dict[str, Any]) -> set[tuple[str, int, Decimal]]:
    """The last correction of each."""
    latest: dict[str, dict[str, Any]] = {}
    for entry in ledger["executions"]:
        base, _, number = entry["execution_id"].rpartition(".")
        if base not in latest or int(number) > int(latest[base]["execution_id"].rpartition(".")[2]):
            latest[base] = entry
    return {(entry["execution_id"], entry["con_id"], _signed(entry)) for entry in latest.values()}


def positions_of_broker(ledger: dict[str, Any]) -> dict[int, Decimal]:
    """What the executions of legs add up to."""
    corrected = {execution_id for execution_id, _, _ in fills_of_broker(ledger)}
    held: Counter[int] = Counter()
    for entry in ledger["executions"]:
        if entry["execution_id"] in corrected and entry["commission"] is not None:
            held[entry["con_id"]] += int(_signed(entry))
    return {con_id: Decimal(quantity) for con_id, quantity in held.items() if quantity}


def _signed(entry: dict[str, Any]) -> Decimal:
    return Decimal(entry["quantity"] if entry["side"] == "BOT" else -entry["quantity"])
