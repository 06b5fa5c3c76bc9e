"""Limits on requests for historical data."""

from hypothesis import given
from hypothesis import strategies as st

from tests.tws_sim.wire_client import SHARE, WireClient, bench, option
from tws_sim.gateway import Settings
from tws_sim.pacing import Pacing

UNPACED = Settings(message_rate=100_000)


def bars(client: WireClient, request_id: int, size: str, duration: str, what: str = "MIDPOINT", keep: int = 0,
         contract: tuple[str, ...] = SHARE) -> None:  # fmt: skip
    client.send(20, request_id, *contract, 0, "", size, duration, 0, what, 1, keep, "")


async def codes(client: WireClient) -> list[tuple[str, str]]:
    return [(m[2], m[3]) for m in await client.settled() if m[0] == "4"]


async def test_the_same_small_bars_again_within_fifteen_seconds_are_a_violation() -> None:
    async with bench() as gateway, gateway.client() as client:
        bars(client, 1, "30 secs", "1800 S")
        bars(client, 2, "30 secs", "1800 S")
        bars(client, 3, "1 min", "1800 S")
        bars(client, 4, "1 min", "1800 S")  # a minute is not small
        assert await codes(client) == [("2", "162")]
        await gateway.pass_time(15)
        bars(client, 5, "30 secs", "1800 S")
        assert await codes(client) == []


async def test_sixty_in_ten_minutes_over_all_clients() -> None:
    async with bench(UNPACED) as gateway, gateway.client(1) as first, gateway.client(2) as second:
        for number in range(60):
            client = first if number % 2 else second
            bars(
                client,
                number,
                "5 secs",
                "60 S",
                contract=option(540 + 5 * (number % 20), "CP"[number // 20 % 2]),
            )
            await client.settled()
            await gateway.pass_time(5)
        await gateway.pass_time(20)
        bars(first, 100, "5 secs", "60 S")
        assert await codes(first) == [("100", "162")]
        await gateway.pass_time(300)
        bars(first, 101, "5 secs", "60 S")
        assert await codes(first) == []


async def test_fifty_at_once() -> None:
    async with bench(UNPACED) as gateway, gateway.client(1) as client:
        for number in range(51):
            bars(client, number, "5 mins", "1 D", keep=1)
        assert await codes(client) == [("50", "322")]
        client.send(25, 1, 7)
        bars(client, 60, "5 mins", "1 D", keep=1)
        assert await codes(client) == [("7", "162")]


@given(st.lists(st.tuples(st.floats(0.0, 30.0), st.integers(0, 9), st.integers(1, 2)), max_size=200))
def test_no_window_ever_holds_more_than_the_limits(requests: list[tuple[float, int, int]]) -> None:
    pacing, now = Pacing(), 0.0
    admitted: list[tuple[float, int, int]] = []
    for pause, name, weight in requests:
        now += pause
        if pacing.admit(now, name, name % 3, weight):
            admitted.append((now, name, weight))
    for end, name, _ in admitted:
        assert sum(weight for when, _, weight in admitted if end - 600 < when <= end) <= 60
        assert sum(when > end - 15 and one == name for when, one, _ in admitted if when <= end) == 1
        kind = [when for when, one, _ in admitted if one % 3 == name % 3 and end - 2 < when <= end]
        assert len(kind) <= 5


def test_bid_ask_counts_twice() -> None:
    pacing = Pacing()
    assert all(pacing.admit(20.0 * number, number, number, 2) for number in range(30))
    assert not pacing.admit(599.0, 99, 99, 1)
    assert pacing.admit(601.0, 99, 99, 2)
