"""Orders with a field that is not what it should be: refused or taken, never a failure of the gateway."""

import ib_insync as ibi
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tws_sim.orders.floor import SetMarket, sent
from tests.tws_sim.wire_client import VirtualClock, bench, option
from tws_sim.gateway import Gateway, Settings
from tws_sim.wire.fields import FieldError, FieldReader
from tws_sim.wire.orders import read_order

CLOCK = VirtualClock()
MARKET = SetMarket(CLOCK)
CALL = next(one for one in MARKET.listing.chains["SPY"] if one.strike == 590)
SINGLE = sent(
    ibi.Option("SPY", f"{CALL.last_trade:%Y%m%d}", 590, CALL.right, "SMART", currency="USD"),
    ibi.LimitOrder("BUY", 1, 0.05, tif="GTD", goodTillDate="20261120 15:00:00"),
    176,
)
LEGS = [ibi.ComboLeg(CALL.con_id, 1, "BUY", "SMART"), ibi.ComboLeg(756733, 100, "SELL", "SMART")]
COMBO = sent(
    ibi.Bag(symbol="SPY", exchange="SMART", currency="USD", comboLegs=LEGS),
    ibi.LimitOrder("BUY", 1, -500.0, smartComboRoutingParams=[ibi.TagValue("NonGuaranteed", "0")]),
    176,
)
ODD = [
    *(
        "",
        "0",
        "-1",
        "1",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e30",
        "0.001",
        "x",
        "2147483648",
        "BAG",
        "\x00",
        "true",
    ),
    *("Infinite", "99999999999999999999"),
]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([SINGLE, COMBO]), st.data(), st.one_of(st.sampled_from(ODD), st.text(max_size=6)))
def test_one_odd_field_is_taken_or_refused(fields: list[str], data: st.DataObject, odd: str) -> None:
    gateway = Gateway(MARKET, Settings(), CLOCK)
    place = data.draw(st.integers(0, len(fields) - 1))
    garbled = [*fields[:place], odd, *fields[place + 1 :]]
    try:
        ticket = read_order(FieldReader(garbled), 176)
    except FieldError:
        return
    gateway.orders.place(1, 1, ticket)
    CLOCK.advance(1)
    gateway.orders.step()
    for order in gateway.orders.book.orders.values():
        assert order.quantity > 0


async def test_an_order_that_cannot_be_read_is_an_error_of_that_order() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(3, 17, *option(), "", "", "BUY", 1, "LMT", 1.0)
        (answer,) = await client.settled()
        assert answer[2:4] == ["17", "320"]
        client.send(3)
        (answer,) = await client.settled()
        assert answer[2:4] == ["-1", "320"]
