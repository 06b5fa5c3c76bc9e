"""Orders that are not taken, and the errors that say so."""

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import bag, floor
from tws_sim.gateway import Settings

LIMIT = {"action": "BUY", "totalQuantity": 1, "orderType": "LMT", "lmtPrice": 5.0}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lmtPrice": 5.005}, 110), ({"lmtPrice": -5.0}, 110), ({"lmtPrice": ibi.util.UNSET_DOUBLE}, 321),
        ({"lmtPrice": float("nan")}, 321), ({"lmtPrice": float("inf")}, 321), ({"lmtPrice": 1e308}, 321),
        ({"lmtPrice": 1e13}, 321),
        ({"totalQuantity": 0}, 434), ({"totalQuantity": -1}, 321), ({"totalQuantity": 1.5}, 10243),
        ({"totalQuantity": 2**31 - 1}, 434), ({"action": "HOLD"}, 321), ({"orderType": "TRAIL"}, 387),
        ({"orderType": "STP", "lmtPrice": 0.0}, 321), ({"tif": "FOK"}, 388), ({"account": "U1"}, 321),
        ({"tif": "GTD", "goodTillDate": "tomorrow"}, 321), ({"tif": "GTD", "goodTillDate": "20261119"}, 201),
        ({"algoStrategy": "Adaptive"}, 321), ({"allOrNone": True}, 321), ({"hidden": True}, 321),
        ({"goodAfterTime": "20261120 11:00:00"}, 321),
        ({"conditions": [ibi.TimeCondition()]}, 321),
        ({"ocaType": 7}, 321), ({"triggerMethod": 1}, 321), ({"nbboPriceCap": 1.0}, 321),
        ({"parentId": "x"}, 321), ({"ocaType": "x"}, 321), ({"displaySize": 1}, 321),
    ],
)  # fmt: skip
async def test_what_cannot_be_an_order(change: dict[str, object], code: int) -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        await one.place(call, ibi.Order(**LIMIT | change))
        assert one.codes() == [code]
        assert market.engine.book.orders == {}


async def test_contracts_that_cannot_be_traded() -> None:
    async with floor() as market, market.trader() as one:
        call, put = await one.option(590), await one.option(590, "P")
        unknown = ibi.ComboLeg(4711, 1, "BUY", "SMART")
        for contract, code in (
            (ibi.Option("SPY", "20261218", 591.5, "C", "SMART", currency="USD"), 200),
            (ibi.Option("SPY", "20261218", 0, "C", "SMART", currency="USD"), 200),
            (ibi.Contract(conId=call.conId), 321),
            (ibi.Index("SPX", "CBOE", "USD"), 201),
            (bag((call, 1), (call, -1)), 312),
            (ibi.Bag(symbol="SPY", exchange="SMART", comboLegs=[]), 314),
            (ibi.Bag(symbol="SPY", exchange="SMART", comboLegs=[unknown]), 313),
            (
                ibi.Bag(
                    symbol="SPY", exchange="SMART", comboLegs=[ibi.ComboLeg(call.conId, 0, "BUY", "SMART")]
                ),
                313,
            ),
            (
                ibi.Bag(
                    symbol="SPY", exchange="SMART", comboLegs=[ibi.ComboLeg(call.conId, 1, "HOLD", "SMART")]
                ),
                313,
            ),
            (bag((ibi.Stock("SPY", "SMART", "USD", conId=756733), 50), (put, 1)), 312),
        ):
            await one.place(contract, ibi.LimitOrder("BUY", 1, 5.0))
            assert one.codes()[-1] == code, contract
        assert market.engine.book.orders == {}


async def test_a_combination_s_routing() -> None:
    async with floor() as market, market.trader() as one:
        call, put = await one.option(590), await one.option(590, "P")
        order = ibi.LimitOrder("BUY", 1, 0.05, smartComboRoutingParams=[ibi.TagValue("NonGuaranteed", "1")])
        taken = await one.place(bag((call, 1), (put, 1)), order)
        assert taken.orderStatus.status == "Submitted"
        order = ibi.LimitOrder("BUY", 1, 0.05, smartComboRoutingParams=[ibi.TagValue("LeginPrio", "2")])
        await one.place(bag((call, 1), (put, 1)), order)
        assert one.codes() == [321]


async def test_numbers_are_used_once_and_grow() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.0, orderId=50))
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.0, orderId=49))
        assert one.codes() == [103]
        one.ib.client.reqIds(1)
        await one.settle()
        assert one.ib.client.getReqId() >= 51
        assert market.bench.gateway.next_order_id == 51
        assert [order.order_id for order in market.engine.book.orders.values()] == [50]


async def test_the_twenty_first_order_on_one_side_of_a_contract_is_rejected() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trades = [one.ib.placeOrder(call, ibi.LimitOrder("BUY", 1, 5.0)) for _ in range(21)]
        other = one.ib.placeOrder(call, ibi.LimitOrder("SELL", 1, 15.0))
        await one.settle()
        states = [market.order(trade).status for trade in (*trades, other)]
        assert states == ["Submitted"] * 20 + ["Inactive", "Submitted"]
        assert one.codes() == [201]


async def test_an_order_beyond_the_account_s_means_is_rejected_and_stays_in_the_books() -> None:
    async with floor(Settings(cash=50_000, message_rate=10_000)) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("SELL", 10, 9.90))
        assert one.codes() == [201]
        assert market.order(trade).status == "Inactive"
        assert [event.status for event in market.order(trade).history] == [
            "ApiPending",
            "PendingSubmit",
            "Inactive",
        ]
        assert market.held() == {}
        small = await one.place(call, ibi.LimitOrder("BUY", 1, 10.10))
        assert small.orderStatus.status == "Filled"


async def test_read_only() -> None:
    async with floor(Settings(read_only=True, message_rate=10_000)) as market, market.trader() as one:
        call = await one.option(590)
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.0))
        one.ib.reqGlobalCancel()
        one.ib.exerciseOptions(call, 1, 1, "DU4242424", 0)
        await one.settle()
        assert one.codes() == [321] * 5  # the library asked for both lists when it connected
        assert market.engine.book.orders == {}


async def test_options_are_not_exercised() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        one.ib.exerciseOptions(call, 1, 1, "DU4242424", 0)
        await one.settle()
        assert one.codes() == [321]
