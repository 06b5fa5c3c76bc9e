"""What a client hears, or does not hear, of orders that live all the same."""

import ib_insync as ibi
import pytest

from tests.tws_sim.faults.broker.trading import desk
from tests.tws_sim.orders.floor import within


async def test_silence_hides_an_order_until_open_orders_are_asked_for() -> None:
    async with desk() as one:
        await one.strike("order-silence", client=1)
        trade = await one.buy(limit=5.00)
        assert one.told.names() == []
        assert trade.orderStatus.status == "PendingSubmit"
        assert one.live() == ["mine"]
        [found] = await within(one.ib.reqOpenOrdersAsync())
        assert found.order.orderRef == "mine"
        assert trade.orderStatus.status == "Submitted"


async def test_silence_hides_fills_too_and_strikes_so_many_orders_only() -> None:
    async with desk() as one:
        await one.strike("order-silence", count=1)
        await one.buy(2)
        assert one.told.names() == []
        assert one.held() == {one.low.conId: 2}
        assert [held.position for held in one.ib.positions()] == [2]
        [fill] = await within(one.ib.reqExecutionsAsync())
        assert fill.execution.shares == 2
        heard = await one.buy(1)
        assert heard.orderStatus.status == "Filled"


async def test_a_fault_keeps_to_a_client_and_a_reference() -> None:
    async with desk() as one:
        await one.strike("order-silence", client=2)
        await one.strike("order-silence", order_ref="other")
        assert (await one.buy()).orderStatus.status == "Filled"
        order = ibi.LimitOrder("BUY", 1, 5.00, orderRef="other")
        assert (await one.one.place(one.low, order)).orderStatus.status == "PendingSubmit"


async def test_an_execution_before_its_order() -> None:
    async with desk() as one:
        await one.strike("execution-first")
        trade = await one.buy(3)
        assert one.told.names()[:3] == ["execDetails", "openOrder", "orderStatus"]
        assert one.told.names().count("execDetails") == 1
        assert trade.orderStatus.status == "Filled"
        assert trade.fills[0].commissionReport.commission == 1.95


async def test_what_was_held_back_for_an_execution_comes_when_the_fault_ends() -> None:
    async with desk() as one:
        await one.strike("execution-first")
        trade = await one.buy(limit=5.00)
        assert one.told.names() == []
        await one.lift()
        await one.one.settle()
        assert trade.orderStatus.status == "Submitted"


async def test_legs_come_one_after_the_other_and_the_status_after_the_last() -> None:
    async with desk() as one:
        await one.strike("slow-legs")
        trade = await one.one.place(one.spread, ibi.LimitOrder("BUY", 2, -4.80))
        assert [fill.contract.secType for fill in trade.fills] == ["BAG", "OPT"]
        assert trade.orderStatus.status == "Submitted"
        assert len(one.held()) == 2
        await one.one.settle(28)
        assert len(trade.fills) == 2
        assert len(await within(one.ib.reqExecutionsAsync())) == 2
        await one.one.settle(2)
        assert [fill.contract.conId for fill in trade.fills[1:]] == [one.low.conId, one.high.conId]
        assert trade.fills[2].commissionReport.commission == 1.30
        assert len(await within(one.ib.reqExecutionsAsync())) == 3
        assert trade.orderStatus.status == "Filled"


async def test_legs_still_on_their_way_come_when_the_fault_ends() -> None:
    async with desk() as one:
        await one.strike("slow-legs", apart=5)
        trade = await one.one.place(one.spread, ibi.LimitOrder("BUY", 2, -4.80))
        assert len(trade.fills) == 2
        await one.lift()
        await one.one.settle()
        assert len(trade.fills) == 3
        assert trade.orderStatus.status == "Filled"


async def test_combinations_without_a_status() -> None:
    async with desk() as one:
        await one.strike("no-combo-status")
        await one.one.place(one.spread, ibi.LimitOrder("BUY", 2, -4.80))
        assert "orderStatus" not in one.told.names()
        assert one.told.names().count("execDetails") == 3
        assert (await one.buy()).orderStatus.status == "Filled"


@pytest.mark.parametrize(("answer", "answers"), [("none", 0), ("unset", 1)])
async def test_what_ifs_without_figures(answer: str, answers: int) -> None:
    async with desk() as one:
        await one.strike("what-if-unanswered", answer=answer)
        asked = one.ib.whatIfOrderAsync(one.low, ibi.LimitOrder("BUY", 1, 10.50))
        await one.one.settle()
        assert one.told.names() == ["openOrder"] * answers
        assert ["1.7976931348623157E308"] * answers == [
            next(field for field in fields if field.startswith("1.79")) for fields in one.told.messages
        ]
        asked.cancel()
        await one.lift()
        one.told.forget()
        await within(one.ib.whatIfOrderAsync(one.low, ibi.LimitOrder("BUY", 1, 10.50)))
        await one.one.settle()
        unset = ["1.7976931348623157E308" in fields for fields in one.told.messages]
        assert unset == [True, False]


async def test_so_many_what_ifs_go_unanswered() -> None:
    async with desk() as one:
        await one.strike("what-if-unanswered", count=1)
        asked = one.ib.whatIfOrderAsync(one.low, ibi.LimitOrder("BUY", 1, 10.50))
        await one.one.settle()
        assert one.told.names() == []
        asked.cancel()
        await within(one.ib.whatIfOrderAsync(one.low, ibi.LimitOrder("BUY", 1, 10.50)))


@pytest.mark.parametrize(
    "request_name", ["reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"]
)
async def test_lists_that_are_never_answered(request_name: str) -> None:
    async with desk() as one:
        await one.buy()
        await one.strike("silence", request=request_name)
        asked = {
            "reqOpenOrders": one.ib.reqOpenOrdersAsync,
            "reqAllOpenOrders": one.ib.reqAllOpenOrdersAsync,
            "reqCompletedOrders": lambda: one.ib.reqCompletedOrdersAsync(False),
            "reqExecutions": one.ib.reqExecutionsAsync,
        }[request_name]()
        await one.one.settle()
        assert not asked.done()
        asked.cancel()
