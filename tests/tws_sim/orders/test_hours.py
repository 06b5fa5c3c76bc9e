"""Orders and the hours of the market; it is Friday, November 20th, 10:00."""

from datetime import date, datetime, timedelta
from pathlib import Path

import ib_insync as ibi
import pytest

from tests.tws_sim import lean_folder
from tests.tws_sim.orders.floor import Floor, Trader, floor
from tws_sim.clock import VirtualClock
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.listing import ContractQuery
from tws_sim.market.replay.market import load
from tws_sim.orders import by_hand, hours
from tws_sim.orders.order import Order
from tws_sim.orders.product import product
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.ticket import Ticket

START = datetime(2026, 11, 20, 10, 0, tzinfo=NEW_YORK)
HALF_PAST_ELEVEN = datetime(2026, 11, 20, 11, 30, tzinfo=NEW_YORK)


async def until(market: Floor, when: datetime) -> None:
    """Let the clock reach an instant."""
    market.bench.clock.advance((when - market.market.clock.now()).total_seconds())
    await market.settle(0.25)


async def resting(one: Trader, **terms: object) -> Order:
    """An order that finds nobody."""
    call = await one.option(590)
    one.floor.quote(call, 9.90, 10.10)
    trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.0, **terms))
    return one.floor.order(trade)


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ({}, datetime(2026, 11, 20, 16, 0, tzinfo=NEW_YORK)),
        ({"tif": "GTC"}, None),
        ({"tif": "GTD", "goodTillDate": "20261120 11:30:00 US/Eastern"}, HALF_PAST_ELEVEN),
        ({"tif": "GTD", "goodTillDate": "20261120-16:30:00"}, HALF_PAST_ELEVEN),
        ({"tif": "GTD", "goodTillDate": "20261123"}, datetime(2026, 11, 23, 16, 0, tzinfo=NEW_YORK)),
    ],
)  # fmt: skip
async def test_orders_end_in_their_time(terms: dict[str, object], ends: datetime | None) -> None:
    async with floor() as market, market.trader() as one:
        order = await resting(one, **terms)
        if ends is None:
            await until(market, START + timedelta(days=6))
            assert not order.done
            return
        await until(market, ends - timedelta(seconds=2))
        assert not order.done
        await until(market, ends)
        await one.settle(0.125)
        assert (order.status, order.outcome) == ("Cancelled", "Expired")
        assert one.codes() == [202]


async def test_orders_wait_for_the_opening() -> None:
    async with floor() as market, market.trader() as one:
        await until(market, START + timedelta(hours=8))
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 10.10))
        assert trade.orderStatus.status == "PreSubmitted"
        assert one.codes() == [399]
        await until(market, datetime(2026, 11, 23, 9, 29, 50, tzinfo=NEW_YORK))
        assert market.order(trade).status == "PreSubmitted"
        await until(market, datetime(2026, 11, 23, 9, 30, tzinfo=NEW_YORK))
        await one.settle()
        assert trade.orderStatus.status == "Filled"


async def test_a_good_till_cancelled_order_rests_overnight() -> None:
    async with floor() as market, market.trader() as one:
        order = await resting(one, tif="GTC")
        await until(market, START + timedelta(hours=8))
        assert order.status == "PreSubmitted"
        await until(market, datetime(2026, 11, 23, 9, 30, tzinfo=NEW_YORK))
        assert order.status == "Submitted"
        assert [event.status for event in order.history][-3:] == ["Submitted", "PreSubmitted", "Submitted"]


@pytest.mark.parametrize("allowed", [True, False])
async def test_shares_trade_outside_of_regular_hours_where_that_is_allowed(allowed: bool) -> None:
    async with floor() as market, market.trader() as one:
        share = ibi.Stock("SPY", "SMART", "USD", conId=756733)
        market.quote(share, 590.00, 590.02)
        await until(market, START + timedelta(hours=7))
        trade = await one.place(share, ibi.LimitOrder("BUY", 100, 590.02, outsideRth=allowed))
        assert trade.orderStatus.status == ("Filled" if allowed else "PreSubmitted")


async def test_any_hour_if_so_set() -> None:
    async with floor(any_hour=True) as market, market.trader() as one:
        await until(market, START + timedelta(days=1))
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 10.10))
        assert trade.orderStatus.status == "Filled"


async def test_an_expired_option_is_not_traded() -> None:
    async with floor() as market:
        listed = market.market.listing.chains["SPY"]
        call = next(one for one in listed if one.last_trade == datetime(2026, 12, 18).date())
        ticket = Ticket(ContractQuery(con_id=call.con_id, exchange="SMART"))
        wanted, after = product(market.market.listing, ticket), START + timedelta(days=29)
        with pytest.raises(RefusedError, match="not available"):
            hours.expiry(ticket, wanted, market.market.calendar, after)


async def test_a_replayed_day_executes_at_its_quotes_and_ends_early(tmp_path: Path) -> None:
    clock, day = VirtualClock(), date(2015, 12, 24)
    recorded = load(lean_folder.write(tmp_path), "GOOG", day, start="10:30", speed=60, clock=clock)
    gateway = Gateway(recorded, Settings(), clock)
    (call,) = [one for one in recorded.listing.chains["GOOG"] if (one.strike, one.right) == (750, "C")][-1:]
    terms = {"action": "BUY", "quantity": 1, "con_id": call.con_id}
    bought = by_hand.place(gateway.orders, by_hand.Placement.model_validate(terms | {"order_type": "MKT"}))
    resting = by_hand.place(gateway.orders, by_hand.Placement.model_validate(terms | {"limit": "0.05"}))
    (quote,) = recorded.quotes([recorded.listing.rows[call.con_id]])
    for _ in range(3):
        clock.advance(0.25)
        gateway.orders.step()
    assert (bought.status, bought.average_price) == ("Filled", quote.ask)
    assert resting.status == "Submitted"
    clock.advance(150)  # two and a half hours: the session ends at 13:00
    gateway.orders.step()
    assert (resting.status, resting.outcome) == ("Cancelled", "Expired")
