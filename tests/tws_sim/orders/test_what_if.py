"""What-if orders."""

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import Trader, bag, floor

UNSET = "1.7976931348623157E308"


def listen(one: Trader) -> list[ibi.OrderState]:
    """Every answer to what-ifs; the library keeps the first only."""
    found: list[ibi.OrderState] = []
    original = one.ib.wrapper.openOrder

    def also(number: int, contract: ibi.Contract, order: ibi.Order, state: ibi.OrderState) -> None:
        found.append(state)
        original(number, contract, order, state)

    one.ib.wrapper.openOrder = also
    return found


async def test_a_receipt_without_figures_and_then_the_figures() -> None:
    async with floor() as market, market.trader() as one:
        short, long = await one.option(590), await one.option(600)
        market.quote(short, 10.00, 10.20)
        market.quote(long, 5.00, 5.10)
        answers = listen(one)
        asked = one.ib.whatIfOrderAsync(bag((short, -1), (long, 1)), ibi.LimitOrder("BUY", 2, -4.90))
        await one.settle()
        first, second = answers
        assert asked.result() is first
        assert {first.initMarginBefore, first.maintMarginChange, first.equityWithLoanAfter} == {UNSET}
        assert [state.status for state in answers] == ["PreSubmitted", "PreSubmitted"]
        assert float(second.initMarginBefore) == 0
        assert float(second.initMarginChange) == float(second.initMarginAfter) == 2000  # ten wide, two units
        assert float(second.equityWithLoanBefore) == 1_000_000
        assert second.commission == 2.60
        assert second.commissionCurrency == "USD"
        assert market.engine.book.orders == market.engine._products == {}
        assert market.held() == {}


async def test_a_what_if_beyond_the_means_warns() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        answers = listen(one)
        one.ib.whatIfOrderAsync(call, ibi.LimitOrder("SELL", 1000, 9.90))
        await one.settle()
        assert answers[1].warningText
        assert float(answers[1].initMarginAfter) > float(answers[1].equityWithLoanAfter)
        assert one.codes() == []


@pytest.mark.parametrize(("price", "code"), [(5.005, 110), (float("nan"), 321)])
async def test_a_what_if_of_no_order_is_an_error(price: float, code: int) -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        asked = one.ib.whatIfOrderAsync(call, ibi.LimitOrder("BUY", 1, price))
        await one.settle()
        assert one.codes() == [code]
        assert asked.result() == []
