"""What goes on coming until it is cancelled."""

from itertools import pairwise

import pytest

from tests.tws_sim.wire_client import SHARE, WireClient, bench, option
from tws_sim.gateway import Settings
from tws_sim.market.instrument import Instrument, share
from tws_sim.market.quote import Quote
from tws_sim.orders.product import Part
from tws_sim.requests.combinations import combined
from tws_sim.requests.depth import levels

FAST = Settings(message_rate=100_000)


async def con_id(client: WireClient, contract: tuple[str, ...]) -> str:
    client.send(9, 8, 900, *contract, 0, "", "", "")
    (details, _) = await client.until("52")
    return details[12]


async def spread(client: WireClient, request_id: int, snapshot: int = 0) -> None:
    legs = [await con_id(client, option(strike)) for strike in (590, 600)]
    fields = (legs[0], 1, "BUY", "SMART", legs[1], 1, "SELL", "SMART")
    bag = ("0", "SPY", "BAG", "", "0.0", "", "", "SMART", "", "USD", "", "")
    client.send(1, 11, request_id, *bag, 2, *fields, 0, "", snapshot, 0, "")


async def test_a_combination_s_quote_comes_from_its_legs_and_takes_one_line() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        await spread(client, 5)
        answers = await client.settled()
        assert [m[0] for m in answers] == ["81", "58", "1", "1"]
        prices = {m[3]: float(m[4]) for m in answers if m[0] == "1"}
        assert 3 < prices["1"] < prices["2"] < 7
        assert gateway.gateway.lines.in_use == 1
        await gateway.pass_time(5)
        assert {m[2] for m in await client.settled()} == {"5"}
        client.send(2, 2, 5)
        await client.settled()
        assert gateway.gateway.lines.in_use == 0
        await gateway.pass_time(5)
        assert await client.settled() == []


async def test_a_line_of_a_combination_is_free_once_its_client_has_gone() -> None:
    async with bench(Settings(message_rate=1000, lines=1)) as gateway:
        async with gateway.client(1) as client:
            await spread(client, 5)
            await client.settled()
            await spread(client, 6)
            assert [m[2:4] for m in await client.settled()] == [["6", "101"]]
        await gateway.eventually(lambda: not gateway.gateway.sessions)
        assert gateway.gateway.lines.in_use == 0


async def test_a_combination_s_snapshot_ends_and_an_unknown_leg_is_error_200() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        await spread(client, 5, snapshot=1)
        assert (await client.settled())[-1] == ["57", "1", "5"]
        assert gateway.gateway.lines.in_use == 0
        bag = ("0", "SPY", "BAG", "", "0.0", "", "", "SMART", "", "USD", "", "")
        client.send(1, 11, 6, *bag, 1, 1, 1, "BUY", "SMART", 0, "", 0, 0, "")
        assert [m[2:4] for m in await client.settled()] == [["6", "200"]]


def part(ratio: int, weight: int | None = None) -> Part:
    return Part(0, share("SPY"), ratio, ratio if weight is None else weight)


def test_a_hundred_shares_count_once_beside_an_option() -> None:
    found = combined([part(100, 1), part(-1)], [Quote(590.0, 500, 590.02, 250), Quote(5.0, 9, 5.1, 9)])
    assert (found.bid, found.ask) == (584.9, 585.02)
    assert (found.bid_size, found.ask_size) == (5, 2)


@pytest.mark.parametrize(
    ("ratios", "bid", "ask"), [((1, -1), 0.8, 1.2), ((-1, 1), -1.2, -0.8), ((1, -2), -1.4, -0.8)]
)
def test_a_combination_is_sold_at_its_legs_worse_sides(
    ratios: tuple[int, int], bid: float, ask: float
) -> None:
    quotes = [Quote(3.0, 10, 3.2, 20), Quote(2.0, 8, 2.2, 6)]
    found = combined([part(ratios[0]), part(ratios[1])], quotes)
    expected = sum(r * (q.bid if r > 0 else q.ask) for r, q in zip(ratios, quotes, strict=True))  # type: ignore[operator]  # both sides exist
    assert found.bid == pytest.approx(expected)
    assert found.bid == pytest.approx(bid)
    assert found.ask == pytest.approx(ask)
    assert found.bid_size == min(10 if ratios[0] > 0 else 20, (8 if ratios[1] > 0 else 6) // abs(ratios[1]))


def test_a_combination_without_a_leg_s_side_has_none_either() -> None:
    found = combined([part(1), part(-1)], [Quote(1.0, 1, 1.1, 1), Quote(None, 0, 0.5, 1)])
    assert found.bid == pytest.approx(0.5)
    assert found.ask is None


async def test_a_client_that_plays_the_operations_has_the_book() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        client.send(10, 5, 3, *SHARE, 5, 1, "")
        books: dict[str, list[list[str]]] = {"0": [], "1": []}
        for _ in range(200):
            await gateway.pass_time(0.25)
            for m in await client.settled():
                position, operation, book = int(m[3]), m[5], books[m[6]]
                assert m[0] == "13"
                if operation == "0":
                    book.insert(position, m[7:9])
                elif operation == "1":
                    book[position] = m[7:9]
                else:
                    del book[position]
        row = gateway.gateway.market.listing.rows[756733]
        item: Instrument = gateway.gateway.market.listing.instruments[row]
        (quote,) = gateway.gateway.market.quotes([row])
    assert quote.bid is not None
    for side, is_bid in (("0", False), ("1", True)):
        wanted = levels(item, quote, 5, is_bid=is_bid)
        assert [float(price) for price, _ in books[side]] == [level.price for level in wanted]


def test_a_book_begins_with_the_quote_and_gets_worse_tick_by_tick() -> None:
    quote = Quote(100.0, 300, 100.01, 200)
    bids = levels(share("SPY"), quote, 4, is_bid=True)
    assert [level.price for level in bids] == [100.0, 99.99, 99.98, 99.97]
    assert bids[0].size == 300
    assert levels(share("SPY"), Quote(), 4, is_bid=True) == []
    assert [level.price for level in levels(share("SPY"), Quote(0.02, 1, 0.03, 1), 4, is_bid=True)] == [
        0.02,
        0.01,
    ]


async def test_depth_and_single_ticks_are_limited() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        for number in range(4):
            client.send(10, 5, number, *SHARE, 5, 1, "")
        for number in range(6):
            client.send(97, number, *SHARE, "BidAsk", 0, 0)
        errors = [(m[2], m[3]) for m in await client.settled() if m[0] == "4"]
    assert errors == [("3", "309"), ("5", "10190")]


async def test_single_ticks_come_when_something_has_changed_and_after_the_past_asked_for() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        client.send(97, 1, *SHARE, "MidPoint", 20, 0)
        (past,) = await client.settled()
        assert past[:3] == ["96", "1", "20"]
        for _ in range(100):
            await gateway.pass_time(0.1)
        live = await client.settled()
        assert {m[0] for m in live} == {"99"}
        assert 1 < len(live) <= 100
        assert all(before[4] != after[4] for before, after in pairwise(live))
        client.send(98, 1)
        client.send(98, 1)
        assert [m[2:4] for m in await client.settled()] == [["1", "300"]]


async def test_realtime_bars_come_every_five_seconds_and_meet_each_other() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        client.send(50, 3, 1, *SHARE, 5, "MIDPOINT", 0, "")
        await client.settled()
        for _ in range(300):
            await gateway.pass_time(0.1)
        bars = await client.settled()
    assert len(bars) in {6, 7}
    times = [int(m[3]) for m in bars]
    assert [after - before for before, after in pairwise(times)] == [5] * (len(bars) - 1)
    for before, after in pairwise(bars[1:]):
        assert float(before[7]) == float(after[4])
