import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tws_sim import lean_folder
from tws_sim.clock import VirtualClock
from tws_sim.market.listing import ContractQuery
from tws_sim.market.quote import Quote, Trade
from tws_sim.market.replay.lean import ReplayError, contract_key, read_table
from tws_sim.market.replay.market import ReplayMarket, load
from tws_sim.market.replay.timeline import Column, Events

DAY = date(2015, 12, 24)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lean_folder.write(tmp_path / "data")


def opened(folder: Path, start: str, clock: VirtualClock | None = None, speed: float = 1) -> ReplayMarket:
    return load(folder, "goog", DAY, start=start, speed=speed, clock=clock or VirtualClock())


def quote(market: ReplayMarket, strike: float, right: str = "C", expiry: str = "20151231") -> Quote:
    query = ContractQuery(symbol="GOOG", sec_type="OPT", expiry=expiry, strike=strike, right=right)
    (item,) = market.listing.match(query)
    return market.quotes([market.listing.rows[item.con_id]])[0]


def test_a_bar_is_known_a_minute_after_its_start(folder: Path) -> None:
    assert quote(opened(folder, "09:30"), 750).bid is None
    before, after = quote(opened(folder, "09:30:59"), 750), quote(opened(folder, "09:31"), 750)
    assert before.bid is None
    assert (after.bid, after.bid_size, after.ask, after.ask_size) == (7.8, 10, 8.2, 20)
    assert after.trade == Trade(8.0, 3, 1450967460, 3)
    assert after.open_interest == 750


def test_time_passes_at_its_speed_and_names_what_changed(folder: Path) -> None:
    clock = VirtualClock()
    market = opened(folder, "10:30", clock, speed=10)
    every = range(len(market.listing.instruments))
    clock.advance(5.9)
    assert list(market.advance(every)) == []
    clock.advance(0.2)
    assert len(market.advance(every)) == 13  # the share and 12 options; the thirteenth is not quoted any more
    assert list(market.advance(every)) == []
    assert quote(market, 750).bid == pytest.approx(7.8 + 0.60)


def test_only_watched_rows_are_named(folder: Path) -> None:
    clock = VirtualClock()
    market = opened(folder, "10:30", clock)
    clock.advance(60)
    assert list(market.advance({0, 3})) == [0, 3]


def test_a_side_without_an_update_stays_and_one_that_never_was_is_none(folder: Path) -> None:
    found = quote(opened(folder, "10:30"), 990)
    assert (found.bid, found.bid_size, found.ask, found.ask_size) == (None, 0, 0.5, 19)
    assert found.model is None


def test_volume_adds_up_over_the_day(folder: Path) -> None:
    assert quote(opened(folder, "10:30"), 750).trade == Trade(8.0, 3, 1450967460, 3)
    assert quote(opened(folder, "10:41"), 750).trade == Trade(9.1, 4, 1450971660, 7)


def test_a_saturday_expiration_trades_until_friday(folder: Path) -> None:
    market = opened(folder, "10:30")
    item = next(item for item in market.listing.chains["GOOG"] if item.expiration == date(2016, 1, 16))
    assert item.last_trade == date(2016, 1, 15)


def test_the_clock_goes_on_after_the_close_without_more_ticks(folder: Path) -> None:
    clock = VirtualClock()
    market = opened(folder, "12:59", clock)
    clock.advance(3600)
    market.advance(range(20))
    clock.advance(3600)
    assert list(market.advance(range(20))) == []
    assert market.clock.now().isoformat() == "2015-12-24T14:59:00-05:00"


def test_model_figures_explain_the_mid(folder: Path) -> None:
    market = opened(folder, "10:30")
    call, put = quote(market, 750), quote(market, 750, "P")
    assert call.model is not None
    assert put.model is not None
    assert call.model.price == pytest.approx(8.59)
    # One forward for both, out of parity: the same volatility, deltas that differ by one discounted share.
    assert call.model.implied_volatility == pytest.approx(put.model.implied_volatility, rel=1e-6)
    assert call.model.delta - put.model.delta == pytest.approx(1, abs=0.01)
    assert call.model.underlying == pytest.approx(750.59)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"folder": Path("/no/such/folder")}, "no folder"),
        ({"symbol": "IBM"}, "no option quotes of IBM"),
        ({"day": date(2015, 12, 23)}, "it has 20151224"),
        ({"day": date(2015, 12, 25)}, "no trading day"),
        ({"start": "13:01"}, "outside the session of 09:30 to 13:00"),
        ({"start": "09:29"}, "outside the session"),
        ({"start": "noon"}, "no time of day"),
        ({"speed": 0}, "not positive"),
        ({"speed": float("nan")}, "not positive"),
    ],
)
def test_what_is_not_there_is_named(folder: Path, changes: dict[str, object], problem: str) -> None:
    options = {"folder": folder, "symbol": "GOOG", "day": DAY, "start": "10:30", "speed": 1} | changes
    with pytest.raises(ReplayError, match=problem):
        load(**options, clock=VirtualClock())  # type: ignore[arg-type]  # the cases mix types


def test_files_of_another_shape_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with pytest.raises(ReplayError, match="no file"):
        read_table(path, "quote")
    path.write_bytes(b"no zip")
    with pytest.raises(ReplayError, match="zip"):
        read_table(path, "quote")
    for text in ("1,2,3\n", "1,2,3,4,5,x\n", "1,2,3,4,5,6,7\n"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", text)
        with pytest.raises(ReplayError, match="6 numbers"):
            read_table(path, "trade")
    with pytest.raises(ReplayError, match="no name"):
        contract_key("20151224_goog_minute_quote_american_straddle_7500000_20151231.csv")


ROWS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(1, 99)), max_size=30)


@given(ROWS, st.lists(st.integers(0, 31), max_size=8).map(sorted))
def test_a_column_holds_the_last_event_of_every_row(
    rows: list[tuple[int, int, int]], stops: list[int]
) -> None:
    known, row, value = (np.array([item[place] for item in rows], dtype=np.int64) for place in range(3))
    column = Column(4, Events.of(known.astype(float), row, value.astype(float)))
    ordered = sorted(rows, key=lambda item: item[0])
    for before, now in zip([-1, *stops], stops, strict=False):
        touched = column.advance(now)
        expected = {number: amount for time, number, amount in ordered if time <= now}
        held = column.values[:, 0]
        assert {number: held[number] for number in range(4) if not np.isnan(held[number])} == expected
        assert set(touched) == {number for time, number, _ in rows if before < time <= now}
