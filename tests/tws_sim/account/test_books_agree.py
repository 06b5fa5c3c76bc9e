"""The account and the book of orders, whatever is placed, cancelled, executed and corrected."""

import asyncio
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tws_sim.wire_client import synthetic
from tws_sim.account.account import START_CASH
from tws_sim.clock import VirtualClock
from tws_sim.faults.broker.cancelled_by_hand import CancelledByHand
from tws_sim.faults.broker.correction import Correction
from tws_sim.faults.fault import FaultError
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.listing import ContractQuery
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.orders import by_hand
from tws_sim.orders.book import Execution
from tws_sim.orders.order import BAG_CON_ID
from tws_sim.orders.settings import OrderSettings

STRIKES = (580, 590, 600)


@cache
def market() -> tuple[SyntheticMarket, VirtualClock, list[int]]:
    """One market for all examples, and the contract ids of three calls and of the share."""
    clock = VirtualClock()
    made = synthetic(clock)
    calls = [
        ContractQuery(symbol="SPY", sec_type="OPT", expiry="20261218", strike=k, right="C") for k in STRIKES
    ]
    ids = [made.listing.match(query)[0].con_id for query in calls]
    return made, clock, [*ids, made.listing.shares["SPY"].con_id]


single = st.tuples(st.integers(0, 3), st.sampled_from(["BUY", "SELL"]), st.integers(1, 30))
spread = st.tuples(
    st.sampled_from([(0, 1), (1, 2), (2, 0)]), st.sampled_from(["BUY", "SELL"]), st.integers(1, 9)
)
correction = st.tuples(st.integers(1, 5), st.integers(1, 900).map(lambda cents: cents / 100))
actions = st.lists(
    st.one_of(
        single.map(lambda given: ("single", given)),
        spread.map(lambda given: ("spread", given)),
        correction.map(lambda given: ("correct", given)),
        st.just(("cancel", ())),
        st.floats(0.05, 2).map(lambda seconds: ("wait", seconds)),
    ),
    max_size=25,
)


async def act(gateway: Gateway, what: str, given: object) -> None:
    _, clock, ids = market()
    try:
        match what, given:
            case "single", (place, action, quantity):
                form = {"con_id": ids[place], "action": action, "quantity": quantity, "order_type": "MKT"}
                by_hand.place(gateway.orders, by_hand.Placement.model_validate(form))
            case "spread", ((bought, sold), action, quantity):
                legs = [(ids[bought], 1), (ids[sold], -2)]
                form = {"legs": legs, "action": action, "quantity": quantity, "order_type": "MKT"}
                by_hand.place(gateway.orders, by_hand.Placement.model_validate(form))
            case "correct", (shares, price):
                await Correction(shares=shares, price=price).begin(gateway)
            case "cancel", _:
                await CancelledByHand().begin(gateway)
            case "wait", float(seconds):
                clock.advance(seconds)
    except FaultError:
        return  # there is no such order yet
    gateway.orders.step()


def latest(gateway: Gateway) -> list[Execution]:
    """Executions, each as it was last corrected."""
    return list({one.execution_id[:-3]: one for one in gateway.orders.book.executions}.values())


def signed(one: Execution) -> int:
    return one.quantity if one.side == "BOT" else -one.quantity


@settings(deadline=None)
@given(actions)
def test_the_account_is_what_the_executions_say(done: list[tuple[str, object]]) -> None:
    made, clock, ids = market()
    gateway = Gateway(made, Settings(orders=OrderSettings(fill_delay=0.1)), clock)

    async def run() -> None:
        for what, given_ in done:
            await act(gateway, what, given_)

    asyncio.run(run())
    held, filled = Counter[int](), Counter[int]()
    rates = Counter[tuple[int, int]]()
    cash = START_CASH
    for one in latest(gateway):
        order = gateway.orders.book.orders[one.perm_id]
        filled[one.perm_id] += one.quantity if one.con_id == order.con_id else 0
        if one.con_id != BAG_CON_ID:
            is_share = one.con_id == ids[-1]
            held[one.con_id] += signed(one)
            cash -= signed(one) * one.price * (1 if is_share else 100)
            rates[one.perm_id, one.con_id] += one.quantity * rate(one.price, is_share)
    account, orders = gateway.account, gateway.orders.book.orders.values()
    assert {one.item.con_id: one.quantity for one in account.positions()} == {
        con_id: quantity for con_id, quantity in held.items() if quantity
    }
    assert {order.perm_id: order.filled for order in orders if order.filled} == filled
    commissions = sum(max(1.0, charged) for charged in rates.values())
    assert account.balance().cash == pytest.approx(cash - commissions, abs=1e-4)
    whole = account.profit()
    made_so_far = account.balance().net_liquidation - START_CASH
    assert whole.unrealized + whole.realized == pytest.approx(made_so_far, abs=1e-4)


def rate(price: float, is_share: bool) -> float:
    if is_share:
        return 0.005
    return 0.25 if price < 0.05 else 0.50 if price < 0.10 else 0.65


def test_the_actions_above_execute_combine_and_correct() -> None:
    made, clock, _ids = market()
    gateway = Gateway(made, Settings(orders=OrderSettings(fill_delay=0.1)), clock)

    async def run() -> None:
        for what, given_ in [
            ("spread", ((0, 1), "BUY", 3)), ("wait", 1.0), ("wait", 1.0), ("correct", (2, 0.04)),
            ("single", (3, "SELL", 9)), ("wait", 1.0), ("cancel", ()),
        ]:  # fmt: skip
            await act(gateway, what, given_)

    asyncio.run(run())
    ends = [one.execution_id[-5:] for one in gateway.orders.book.executions]
    assert ends[:4] == ["01.01", "02.01", "03.01", "03.02"]
    assert [order.status for order in gateway.orders.book.orders.values()] == ["Filled", "Cancelled"]
