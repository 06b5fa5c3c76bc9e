"""What the books say, after anything at all has happened, and that the control port says the same."""

import json
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tws_sim.orders.floor import SetMarket
from tests.tws_sim.wire_client import VirtualClock
from tws_sim.control.commands import load
from tws_sim.control.server import respond
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.listing import ContractQuery
from tws_sim.orders.numbers import Numbers
from tws_sim.orders.order import BAG_CON_ID, DONE, Order
from tws_sim.orders.settings import OrderSettings, parse
from tws_sim.orders.ticket import ComboLeg, Ticket

CLOCK = VirtualClock()
MARKET = SetMarket(CLOCK)  # made once: tests begin where the last one has left the market


def exchange(seed: int = 1) -> Gateway:
    chosen = Settings(cash=1e9, orders=OrderSettings(mid_fills=2.0, seed=seed, any_hour=True, most_live=100))
    return Gateway(MARKET, chosen, CLOCK)


def ticket(chance: random.Random, gateway: Gateway) -> Ticket:
    """An order for an option or for two of them, near the market."""
    chain = [one for one in gateway.market.listing.chains["SPY"] if abs(one.strike - 590) < 30][:40]
    first, second = chance.sample(chain, 2)
    terms = {
        "action": chance.choice(["BUY", "SELL"]),
        "totalQuantity": str(chance.randint(1, 40)),
        "orderType": chance.choice(["LMT", "LMT", "LMT", "MKT", "STP"]),
        "tif": chance.choice(["DAY", "GTC", "IOC"]),
        "transmit": "1",
        "orderRef": f"r{chance.randint(1, 10**9)}",
        "ocaGroup": chance.choice(["", "", "a"]),
        "ocaType": chance.choice(["1", "2", "3"]),
    }
    quote, other = gateway.market.quotes([gateway.market.listing.rows[one.con_id] for one in (first, second)])
    combo = chance.random() < 0.5
    middle = (quote.mark or 0.0) - (other.mark or 0.0 if combo else 0.0)
    price = round(middle + chance.uniform(-0.3, 0.3), 2)
    if not combo:
        price = max(price, 0.01)
    terms |= {"lmtPrice": f"{price:.2f}", "auxPrice": f"{price:.2f}"}
    if not combo:
        return Ticket(ContractQuery(con_id=first.con_id, exchange="SMART"), terms)
    legs = (ComboLeg(first.con_id, 1, "BUY", "SMART"), ComboLeg(second.con_id, 1, "SELL", "SMART"))
    return Ticket(ContractQuery(symbol="SPY", sec_type="BAG", exchange="SMART"), terms, legs)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**9))
def test_whatever_happens_the_books_add_up(seed: int) -> None:
    chance, gateway = random.Random(seed), exchange(seed)
    engine = gateway.orders
    for number in range(1, 31):
        wanted = ticket(chance, gateway)
        if number > 1 and chance.random() < 0.3:  # a child of any order, of nobody's perhaps
            wanted.terms["parentId"] = str(chance.randint(1, number - 1))
        engine.place(chance.randint(1, 2), number, wanted)
        for _ in range(chance.randint(0, 5)):
            CLOCK.advance(chance.uniform(0.01, 0.4))
            MARKET.advance([])
            engine.step()
        known = chance.choice(list(engine.book.orders.values()))  # the first order has been taken
        if chance.random() < 0.3 and known.ticket.order_type == "LMT":
            changed = known.ticket.terms | {"totalQuantity": str(chance.randint(1, 40))}
            engine.place(known.client_id, known.order_id, replace(known.ticket, terms=changed))
        elif chance.random() < 0.2:
            engine.cancel(known.client_id, known.order_id)
    engine.cancel_all()
    CLOCK.advance(1)
    engine.step()
    assert engine.book.live() == []
    for order in engine.book.orders.values():
        check(order, gateway)
    check_positions(gateway)


def check(order: Order, gateway: Gateway) -> None:
    """An order's executions are its size, within its limit, leg by leg."""
    engine = gateway.orders
    found = [one for one in engine.book.executions if one.perm_id == order.perm_id]
    own = [one for one in found if one.con_id == order.con_id]
    assert sum(one.quantity for one in own) == order.filled <= order.quantity
    assert (order.status == "Filled") == (order.remaining == 0)
    for one in own:
        if order.ticket.order_type == "LMT":
            limit = float(order.ticket.text("lmtPrice"))
            assert one.price <= limit if order.ticket.buys else one.price >= limit
        base = one.execution_id.rsplit(".", 2)[0]
        legs = [leg for leg in found if leg.execution_id.startswith(base + ".") and leg is not one]
        if order.con_id == BAG_CON_ID:
            signs = {"BOT": 1, "SLD": -1}
            net = round(sum(signs[leg.side] * leg.price for leg in legs), 6)
            assert net == signs[one.side] * one.price
            assert [leg.quantity for leg in legs] == [one.quantity] * 2
            assert one.commission is None
    statuses = [event.status for event in order.history]
    assert not DONE & set(statuses[:-1])
    if order.parent_perm_id and own:
        parent = [one for one in engine.book.executions if one.perm_id == order.parent_perm_id]
        assert engine.book.executions.index(parent[0]) < engine.book.executions.index(own[0])


def check_positions(gateway: Gateway) -> None:
    """Positions are the sum of executions, and no execution is told under another's id."""
    executions = gateway.orders.book.executions
    held: Counter[int] = Counter()
    for one in executions:
        if one.con_id != BAG_CON_ID:
            held[one.con_id] += one.quantity if one.side == "BOT" else -one.quantity
    booked = {one.item.con_id: one.quantity for one in gateway.account.positions()}
    assert {con_id: quantity for con_id, quantity in held.items() if quantity} == booked
    assert len({one.execution_id for one in executions}) == len(executions)


def test_numbers_of_two_runs_differ() -> None:
    first, second = Numbers(1_795_185_000.0), Numbers(1_795_185_001.0)
    assert {first.next_perm_id() for _ in range(400)}.isdisjoint(second.next_perm_id() for _ in range(400))
    assert {first.next_execution() for _ in range(99)}.isdisjoint(second.next_execution() for _ in range(99))
    assert 0 < Numbers(4e9).next_perm_id() < 2**31


async def asked(gateway: Gateway, command: str, **given: object) -> dict[str, Any]:
    """The control port's answer."""
    return await respond(gateway, load(), json.dumps({"command": command, **given}).encode())


def passes(gateway: Gateway, seconds: int) -> None:
    for _ in range(seconds):
        CLOCK.advance(1)
        gateway.orders.step()


async def test_orders_by_hand_over_the_control_port() -> None:
    gateway = exchange()
    low, high = [one for one in gateway.market.listing.chains["SPY"] if one.strike in {585, 595}][:2]
    placed = await asked(
        gateway, "order", do="place", con_id=low.con_id, action="BUY", quantity=2, limit="0.01"
    )
    order = placed["order"]
    assert (order["by_hand"], order["client_id"], order["status"]) == (True, 0, "PendingSubmit")
    passes(gateway, 1)
    await asked(gateway, "order", do="modify", perm_id=order["perm_id"], quantity=3)
    passes(gateway, 1)
    live = (await asked(gateway, "orders"))["orders"]
    assert [(one["quantity"], one["limit"], one["status"]) for one in live] == [(3, "0.01", "Submitted")]
    await asked(gateway, "order", do="cancel", perm_id=order["perm_id"])
    legs = f"{low.con_id}:1,{high.con_id}:-1"
    await asked(gateway, "order", do="place", legs=legs, action="BUY", quantity=1, order_type="MKT")
    passes(gateway, 3)
    books = await asked(gateway, "ledger")
    assert [one["status"] for one in books["orders"]] == ["Cancelled", "Filled"]
    assert [event["status"] for event in books["orders"][0]["history"]][-2:] == ["PendingCancel", "Cancelled"]
    assert [one["con_id"] for one in books["executions"]] == [BAG_CON_ID, low.con_id, high.con_id]
    assert all(json.dumps(one) for one in books["orders"])


SHARE = {"do": "place", "action": "BUY", "quantity": 1, "con_id": 756733, "limit": "1.00"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "sell"}, {"do": "cancel", "perm_id": 1}, {"do": "modify", "perm_id": 1}, {"do": "cancel"},
        SHARE | {"con_id": 1}, SHARE | {"quantity": 0}, SHARE | {"limit": "1.001"}, SHARE | {"price": "1"},
        SHARE | {"legs": "756733:1"}, SHARE | {"legs": "756733"}, SHARE | {"limit": None},
    ],
)  # fmt: skip
async def test_orders_by_hand_that_cannot_be(wrong: dict[str, object]) -> None:
    gateway = exchange()
    assert "error" in await asked(gateway, "order", **wrong)
    assert gateway.orders.book.orders == {}


def test_settings_by_name() -> None:
    assert parse("fill-delay=1, mid_fills=0.5,any-hour=1") == OrderSettings(
        fill_delay=1, mid_fills=0.5, any_hour=True
    )
    for wrong in ("fill-dely=1", "fill-delay=-1", "fill-delay", "concession=2"):
        with pytest.raises(ValueError, match=wrong.partition("=")[0].replace("-", "_")):
            parse(wrong)
