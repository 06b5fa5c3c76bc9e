"""What subscribers are sent."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.tws_sim import lean_folder
from tests.tws_sim.wire_client import SHARE, Bench, bench, option, synthetic
from tws_sim.clock import VirtualClock
from tws_sim.feed import interval
from tws_sim.gateway import Settings
from tws_sim.market.replay.market import ReplayMarket, load


def replayed(folder: Path, start: str = "10:30") -> Callable[[VirtualClock], ReplayMarket]:
    data = lean_folder.write(folder)
    return lambda clock: load(data, "GOOG", date(2015, 12, 24), start=start, speed=1, clock=clock)


GOOG = option(750, "C", "20160115", "GOOG")
NO_BID = option(990, "C", "20151231", "GOOG")


async def test_a_subscription_starts_with_the_whole_state() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.quote(4, option(), "101,221")
        answers = await client.settled()
        client.quote(5, SHARE, "100,101,104,106,233")
        share = await client.settled()
    assert answers[0] == ["81", "4", "0.01", "9c0001", "3"]
    assert answers[1] == ["58", "1", "4", "1"]
    prices = {m[3]: float(m[4]) for m in answers if m[0] == "1"}
    assert prices.keys() == {"1", "2", "4", "9", "37"}
    assert prices["1"] <= prices["37"] <= prices["2"]
    assert {m[3] for m in answers if m[0] == "2"} == {"8", "27", "28"}
    computations = {m[2]: m for m in answers if m[0] == "21"}
    assert computations.keys() == {"10", "11", "12", "13"}
    volatilities = {side: float(m[4]) for side, m in computations.items()}
    assert volatilities["10"] < volatilities["13"] < volatilities["11"]
    computation = computations["13"]
    assert computation[1:4] == ["4", "13", "0"]
    assert all(float(field) == float(field) for field in computation[4:])
    assert len(computation) == 12
    assert {m[3] for m in share if m[0] == "2"} == {"8", "27", "28", "29", "30"}
    assert {m[3] for m in share if m[0] == "45"} == {"23", "24"}
    assert {m[3] for m in share if m[0] == "46"} == {"45", "48"}


@pytest.mark.parametrize("rate", [200, 10_000])
async def test_option_ticks_come_at_the_rate_asked_for(rate: int) -> None:
    async with (
        bench(make_market=lambda clock: synthetic(clock, rate=rate)) as gateway,
        gateway.client() as client,
    ):
        for number, strike in enumerate((580, 585, 590)):
            client.quote(number, option(strike))
        await client.settled()
        before = gateway.gateway.counters.total.ticks_sent
        for _ in range(100):
            await gateway.pass_time(0.01)
        sent = gateway.gateway.counters.total.ticks_sent - before
        received = [m for m in await client.settled() if m[0] in {"1", "2", "21", "46"}]
    assert sent == pytest.approx(rate, abs=30)
    assert len(received) == sent
    per_request = [sum(1 for m in received if (m[1] if m[0] == "21" else m[2]) == str(n)) for n in range(3)]
    assert min(per_request) > 0.8 * max(per_request)


@pytest.mark.parametrize(
    ("rate", "seconds"), [(None, 0.01), (0, 0.01), (500, 0.01), (5_000, 0.002), (10_000, 0.001), (1e6, 0.001)]
)
def test_the_higher_the_rate_the_shorter_the_bursts(rate: float | None, seconds: float) -> None:
    assert interval(rate) == pytest.approx(seconds)


async def test_the_length_of_a_burst_is_a_setting() -> None:
    settings = Settings(tick_interval=0.004)
    async with (
        bench(settings, lambda clock: synthetic(clock, rate=10_000)) as gateway,
        gateway.client() as client,
    ):
        client.quote(1, option())
        await client.settled()
        running = asyncio.create_task(gateway.feed.run())
        await client.settled()
        for _ in range(3):
            gateway.clock.advance(0.001)
            assert await client.settled() == []
        gateway.clock.advance(0.001)
        assert await client.settled() != []
        running.cancel()
        await asyncio.wait({running})


async def test_nothing_more_comes_after_a_cancellation() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.quote(1, option())
        client.quote(2, SHARE)
        await client.settled()
        client.send(2, 2, 1)
        client.send(2, 2, 2)
        await client.settled()
        await gateway.pass_time(1)
        assert await client.settled() == []


async def test_a_complete_snapshot_ends_at_the_next_cycle() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.quote(1, option(), snapshot=1)
        assert ["57", "1", "1"] not in await client.settled()
        await gateway.pass_time(0.01)
        assert ["57", "1", "1"] in await client.settled()
        assert gateway.gateway.lines.in_use == 0


async def test_a_snapshot_that_misses_a_side_ends_after_eleven_seconds(tmp_path: Path) -> None:
    async with bench(make_market=replayed(tmp_path)) as gateway, gateway.client() as client:
        client.quote(1, NO_BID, snapshot=1)
        assert ["57", "1", "1"] not in await client.settled()
        await gateway.pass_time(10.9)
        assert ["57", "1", "1"] not in await client.settled()
        await gateway.pass_time(0.2)
        assert await client.settled() == [["57", "1", "1"]]


async def test_a_side_that_never_existed_is_sent_as_minus_one(tmp_path: Path) -> None:
    async with bench(make_market=replayed(tmp_path)) as gateway, gateway.client() as client:
        client.quote(1, NO_BID)
        answers = await client.settled()
    assert [m[3:6] for m in answers if m[0] == "1"] == [["1", "-1", "0"], ["2", "0.5", "19"]]
    (computation,) = [m for m in answers if m[0] == "21"]
    assert computation[4:] == ["-1", "-2", "-1", "-1", "-2", "-2", "-2", "-1"]


async def test_replayed_bars_are_sent_once_they_are_known(tmp_path: Path) -> None:
    async with bench(make_market=replayed(tmp_path)) as gateway, gateway.client() as client:
        client.quote(1, GOOG)
        first = await client.settled()
        await gateway.pass_time(59.9)
        quiet = await client.settled()
        await gateway.pass_time(0.1)
        minute = await client.settled()
    assert ["1", "6", "1", "1", "15.39", "69", "1"] in first
    assert quiet == []
    assert ["1", "6", "1", "1", "15.4", "70", "1"] in minute
    assert ["1", "6", "1", "2", "15.8", "80", "1"] in minute
    assert sum(m[0] == "21" for m in minute) == 1


async def cycles_until(gateway: Bench, condition: Callable[[], bool]) -> None:
    """Let market time pass until something has happened."""
    for _ in range(5000):
        if condition():
            return
        await gateway.pass_time(0.01)
    raise AssertionError("it never happened")


async def test_a_slow_client_gets_the_latest_state_instead_of_a_backlog() -> None:
    settings = Settings(output_limit=16_384)
    async with (
        bench(settings, lambda clock: synthetic(clock, rate=10_000)) as gateway,
        gateway.client(1) as slow,
    ):
        for number in range(20):
            slow.quote(number, option(540 + 5 * number))
        await slow.settled()
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream's transport reads too
        (session,) = gateway.gateway.sessions
        await cycles_until(gateway, lambda: session.congested)
        waiting = session.buffered
        await cycles_until(gateway, lambda: session.counters.ticks_conflated > 1000)
        assert session.buffered == waiting < 64_000
        async with gateway.client(2) as fast:
            fast.quote(1, option())
            await fast.settled()
            await gateway.pass_time(0.01)
            assert any(message[0] == "21" for message in await fast.settled())
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        await slow.settled()
        assert not session.congested
        await gateway.feed.cycle()
        late = await slow.settled()
        underlying = {message[1]: message[11] for message in late if message[0] == "21"}
        share_row = gateway.gateway.market.listing.rows[756733]
        (quote,) = gateway.gateway.market.quotes([share_row])
        assert quote.bid is not None
        assert underlying.keys() == {str(number) for number in range(20)}
        assert {float(price) // 0.01 for price in underlying.values()} == {(quote.bid + 0.005) // 0.01}
