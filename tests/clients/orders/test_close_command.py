"""`spreadmesh order close`: what it undoes, what it refuses to, and the profit that it tells."""

import json
from decimal import Decimal
from typing import Any

import pytest
from spreadmesh.order.v1.account_pb2 import Position
from spreadmesh.order.v1.order_pb2 import OrderState

from tests.clients.orders.desk import SPEC, amount
from tests.clients.orders.floor import Floor


async def test_closing_undoes_what_an_order_has_opened_and_tells_its_profit(serving: Any, typed: Any) -> None:
    desk = Floor(mid="0.40", natural="0.50", fills_at="0.43")
    desk.change("open-1", spec=SPEC, state=OrderState.ORDER_STATE_FILLED, filled_quantity=amount("2"))
    desk.hold(-2, 2)
    async with serving(desk) as address:
        done = await typed(address, "order", "close", "open-1", "--walk-seconds", "0.1", "--yes")
    assert done.exit_code == 0, done.output
    closing = next(order for name, order in desk.orders.items() if name != "open-1")
    assert [(leg.con_id, leg.ratio) for leg in closing.spec.legs] == [(11, 1), (12, -1)]
    assert closing.spec.quantity == 2
    assert Decimal(closing.average_price.value) == Decimal("0.43")
    assert "Realized: 37.40 USD after commissions" in done.stdout


async def test_closing_a_symbol_takes_all_that_is_held_of_it(serving: Any, typed: Any) -> None:
    desk = Floor(mid="0.40", natural="0.50", fills_at="0.40")
    desk.hold(-3, 3)
    async with serving(desk) as address:
        done = await typed(address, "order", "close", "GOOG", "-q", "2", "--yes", "--json")
    assert json.loads(done.stdout)["realized_pnl"] == "37.40"
    (order,) = desk.orders.values()
    assert [(leg.con_id, leg.ratio) for leg in order.spec.legs] == [(11, 1), (12, -1)]
    assert order.spec.quantity == 2


async def test_closing_a_contract_leaves_the_others_alone(serving: Any, typed: Any) -> None:
    desk = Floor(mid="-4.80", natural="-4.70", fills_at="-4.80")
    desk.hold(-3, 3)
    async with serving(desk) as address:
        done = await typed(address, "order", "close", "12", "--yes")
    assert done.exit_code == 0, done.output
    (order,) = desk.orders.values()
    assert ([(leg.con_id, leg.ratio) for leg in order.spec.legs], order.spec.quantity) == ([(12, -1)], 3)


@pytest.mark.parametrize("held", [(-1, 1), (2, -2), (0, 2)], ids=["part", "reversed", "a leg"])
async def test_what_is_no_longer_held_is_not_closed(serving: Any, typed: Any, held: tuple[int, int]) -> None:
    desk = Floor()
    desk.change("open-1", spec=SPEC, state=OrderState.ORDER_STATE_FILLED, filled_quantity=amount("2"))
    desk.hold(*held)
    async with serving(desk) as address:
        done = await typed(address, "order", "close", "open-1", "--yes")
        unknown = await typed(address, "order", "close", "AAPL", "--yes")
    assert (done.exit_code, unknown.exit_code) == (1, 1)
    assert "are held" in done.output
    assert "nothing is held of it" in unknown.output
    assert list(desk.orders) == ["open-1"]


async def test_what_several_accounts_hold_is_closed_in_the_one_named(serving: Any, typed: Any) -> None:
    desk = Floor(mid="-4.80", natural="-4.70", fills_at="-4.80")
    desk.hold(-3, 3)
    other = Position()
    other.CopyFrom(desk.positions[1])
    desk.positions[1].account, other.account = "DU1", "DU2"
    desk.positions.append(other)
    async with serving(desk) as address:
        unnamed = await typed(address, "order", "close", "12", "--yes")
        many = await typed(address, "order", "close", "12", "--yes", "--account", "DU2", "-q", "4")
        named = await typed(address, "order", "close", "12", "--yes", "--account", "DU2")
    assert "held in DU1, DU2: name one" in unnamed.output
    assert "--quantity: 3 are held, not 4" in many.output
    assert named.exit_code == 0, named.output
    (order,) = desk.orders.values()
    assert order.spec.account == "DU2"
