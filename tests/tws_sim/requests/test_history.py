"""Historical data over a real socket."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from tests.tws_sim import lean_folder
from tests.tws_sim.wire_client import SHARE, WireClient, bench, option
from tws_sim.gateway import Settings
from tws_sim.market.bars import BAR_SIZES
from tws_sim.market.replay.market import load

FAST = Settings(message_rate=100_000)
GOOG = ("0", "GOOG", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")


async def bars(
    client: WireClient, size: str, duration: str, what: str = "TRADES", **more: object
) -> list[list[str]]:
    """Rows of (date, open, high, low, close, volume, average, count), or the error."""
    contract = more.get("contract", SHARE)
    assert isinstance(contract, tuple)
    fields = (more.get("end", ""), size, duration, more.get("regular", 1), what, more.get("format", 1), 0, "")
    client.send(20, 7, *contract, 0, *fields)
    answer = await client.receive()
    if answer[0] == "4":
        return [answer[2:4]]
    assert answer[:2] == ["17", "7"]
    assert len(answer) == 5 + 8 * int(answer[4])
    return [answer[start : start + 8] for start in range(5, len(answer), 8)]


@pytest.mark.parametrize("size", sorted(BAR_SIZES))
async def test_every_bar_size_has_sound_bars_that_end_at_the_live_price(size: str) -> None:
    seconds = BAR_SIZES[size]
    duration = f"{20 * seconds} S" if seconds < 3600 else "1 Y" if seconds >= BAR_SIZES["1 week"] else "2 W"
    async with bench(FAST) as gateway, gateway.client() as client:
        rows = await bars(client, size, duration, "MIDPOINT")
        (quote,) = gateway.gateway.market.quotes([gateway.gateway.market.listing.rows[756733]])
    assert len(rows) >= 10
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    for _, opened, high, low, close, *_ in rows:
        assert float(low) <= min(float(opened), float(close))
        assert float(high) >= max(float(opened), float(close))
    assert float(rows[-1][4]) == quote.mark


@pytest.mark.parametrize(
    ("contract", "what"),
    [*product((SHARE, option()), ("TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK")), (SHARE, "ADJUSTED_LAST"),
     (SHARE, "HISTORICAL_VOLATILITY"), (SHARE, "OPTION_IMPLIED_VOLATILITY")],
)  # fmt: skip
async def test_every_kind_of_data_there_is(contract: tuple[str, ...], what: str) -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        rows = await bars(client, "1 hour", "3 D", what, contract=contract)
    assert len(rows) > 10
    traded = what in {"TRADES", "ADJUSTED_LAST"}
    assert all((int(row[5]) > 0) == traded == (int(row[7]) > 0) for row in rows)


async def test_bid_is_below_mid_below_ask_in_every_bar_of_an_option() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        sides = [
            await bars(client, "30 mins", "2 D", what, contract=option())
            for what in ("BID", "MIDPOINT", "ASK")
        ]
    assert len(sides[0]) == len(sides[1]) == len(sides[2]) > 10
    for bid, middle, ask in zip(*sides, strict=True):
        assert float(bid[4]) < float(middle[4]) < float(ask[4])


async def test_a_share_s_volatilities_vary_and_end_at_their_ticks() -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        implied = await bars(client, "1 day", "252 D", "OPTION_IMPLIED_VOLATILITY")
        realized = await bars(client, "1 day", "252 D", "HISTORICAL_VOLATILITY")
        await gateway.pass_time(30)
        assert (await bars(client, "1 day", "252 D", "OPTION_IMPLIED_VOLATILITY"))[:-1] == implied[:-1]
        (quote,) = gateway.gateway.market.quotes([gateway.gateway.market.listing.rows[756733]])
    assert quote.share is not None
    for rows, tick in (
        (implied, quote.share.implied_volatility),
        (realized, quote.share.historical_volatility),
    ):
        closes = [float(row[4]) for row in rows]
        assert len(set(closes)) == len(rows) == 252
        assert 1.3 < max(closes) / min(closes) < 5
        assert closes[-1] == pytest.approx(tick, rel=0.01)
        assert {row[5] for row in rows} == {"-1"}


@pytest.mark.parametrize("what", ["OPTION_IMPLIED_VOLATILITY", "HISTORICAL_VOLATILITY"])
async def test_an_option_has_no_volatility_of_its_own(what: str) -> None:
    async with bench(FAST) as gateway, gateway.client() as client:
        assert await bars(client, "1 day", "5 D", what, contract=option()) == [["7", "162"]]


async def test_dates_by_bar_format_and_version() -> None:
    async with bench(FAST) as gateway, gateway.client() as new, gateway.connection() as old:
        await old.start(2, "v100..157")
        assert [row[0] for row in await bars(new, "1 day", "2 D")] == ["20261119", "20261120"]
        assert (await bars(new, "30 mins", "1 D"))[0][0] == "20261120 09:30:00 US/Eastern"
        assert (await bars(old, "30 mins", "1 D"))[0][0] == "20261120  09:30:00"
        assert (await bars(new, "30 mins", "1 D", format=2))[0][0] == "1795185000"
        end = "20261118 18:00:00 UTC"
        assert [row[0] for row in await bars(new, "1 day", "2 D", end=end)] == ["20261117", "20261118"]
        assert (await bars(new, "1 hour", "1 D", end=end))[-1][0] == "20261118 12:30:00 US/Eastern"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": "7 secs"}, "321"), ({"duration": "1 X"}, "321"), ({"duration": "0 D"}, "321"),
        ({"duration": "400 D"}, "321"), ({"what": "NONSENSE"}, "321"), ({"end": "tomorrow"}, "10314"),
        ({"what": "ADJUSTED_LAST", "end": "20261118 18:00:00 UTC"}, "321"), ({"what": "FEE_RATE"}, "162"),
        ({"size": "1 secs", "duration": "2 M"}, "162"), ({"contract": option(591)}, "200"),
        ({"contract": (*SHARE[:7], "", *SHARE[8:])}, "321"), ({"end": "19800101 00:00:00 UTC"}, "162"),
    ],
)  # fmt: skip
async def test_what_the_gateway_refuses(change: dict[str, object], code: str) -> None:
    request: dict[str, object] = {"size": "1 hour", "duration": "1 D", "what": "TRADES"} | change
    async with bench(FAST) as gateway, gateway.client() as client:
        assert await bars(client, **request) == [["7", code]]  # type: ignore[arg-type]  # texts by name


async def test_a_replayed_day_has_the_history_of_its_recorded_bars(tmp_path: Path) -> None:
    data = lean_folder.write(tmp_path)
    day = date(2015, 12, 24)
    async with (
        bench(FAST, lambda clock: load(data, "GOOG", day, start="10:30", speed=1, clock=clock)) as gateway,
        gateway.client() as client,
    ):
        rows = await bars(client, "10 mins", "1 D", "BID", contract=GOOG)
        trades = await bars(client, "30 mins", "1 D", contract=GOOG)
        head = await bars(client, "1 day", "1 Y", "ASK", contract=GOOG)
    # A bar is known at its end: the bid of 9:30 is 749.90 from 9:31 on, a cent more every minute.
    assert [(row[0][9:14], row[1], row[4]) for row in rows] == [
        ("09:30", "749.9", "749.99"), ("09:40", "749.99", "750.09"), ("09:50", "750.09", "750.19"),
        ("10:00", "750.19", "750.29"), ("10:10", "750.29", "750.39"), ("10:20", "750.39", "750.49"),
    ]  # fmt: skip
    assert [(row[1], row[4], row[5]) for row in trades] == [("750", "750", "1000")]
    assert [row[0] for row in head] == ["20151224"]
