from datetime import date, datetime, timedelta

import pytest

from tests.tws_sim.wire_client import START
from tws_sim.clock import VirtualClock
from tws_sim.market.calendar import NEW_YORK, sessions
from tws_sim.market.instrument import Option
from tws_sim.market.quote import Quote
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.market.synthetic.universe import expirations, strike_step, strikes


def market(seed: int, clock: VirtualClock) -> SyntheticMarket:
    return SyntheticMarket(["AAPL", "XYZ"], seed, clock, START)


def history(seed: int, pauses: list[float]) -> list[Quote]:
    clock = VirtualClock()
    made = market(seed, clock)
    for pause in pauses:
        clock.advance(pause)
        made.advance([])
    return made.quotes(range(0, len(made.listing.instruments), 37))


def test_one_seed_is_one_market_however_time_is_cut() -> None:
    once = history(3, [2.0])
    assert history(3, [0.5, 0.25, 1.25]) == once
    other = history(4, [2.0])
    assert [quote.bid for quote in other] != [quote.bid for quote in once]


def test_prices_move() -> None:
    clock = VirtualClock()
    made = market(1, clock)
    row = 100
    seen = set()
    for _ in range(200):
        clock.advance(1.0)
        assert made.advance({0, row}) == [0]
        seen.add(made.quotes([row])[0].model)
    assert len(seen) == 200
    spots = {model.underlying for model in seen if model}
    assert len(spots) == 200
    assert max(spots) / min(spots) < 1.1


def test_quotes_look_like_a_liquid_market_s() -> None:
    made = market(1, VirtualClock())
    chain = made.listing.chains["AAPL"]
    near = [
        item for item in chain if abs(item.strike / 228 - 1) < 0.03 and item.last_trade > date(2026, 11, 20)
    ]
    quotes = made.quotes([made.listing.rows[item.con_id] for item in near])
    assert all(quote.bid and quote.ask and 0.01 <= round(quote.ask - quote.bid, 2) <= 0.6 for quote in quotes)
    assert all(quote.bid_size > 0 and quote.ask_size > 0 and quote.open_interest for quote in quotes)
    assert all(quote.model and 0.1 < quote.model.implied_volatility < 0.6 for quote in quotes)
    assert all(quote.trade and quote.bid and quote.trade.price >= quote.bid for quote in quotes)


def test_contract_ids_are_unique_and_the_same_in_every_run() -> None:
    first, second = market(1, VirtualClock()), market(2, VirtualClock())
    ids = [item.con_id for item in first.listing.instruments]
    assert len(set(ids)) == len(ids)
    assert ids == [item.con_id for item in second.listing.instruments]
    assert max(ids) < 2**31
    assert first.listing.shares["AAPL"].con_id == 265598


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # Christmas 2026 is a Friday: the weekly expires on Thursday.
        ("2026-12-21T10:00", ["2026-12-24", "2026-12-31", "2027-01-08"]),
        # After the close of an expiration day it is gone; at 15:59 it is not.
        ("2026-11-20T15:59", ["2026-11-20", "2026-11-27"]),
        ("2026-11-20T16:00", ["2026-11-27", "2026-12-04"]),
        # The day after Thanksgiving closes at 13:00.
        ("2026-11-27T13:01", ["2026-12-04"]),
        # Good Friday 2026 is April 3.
        ("2026-03-30T10:00", ["2026-04-02", "2026-04-10"]),
        # Juneteenth 2026 is a Friday: the monthly expires on the 18th.
        ("2026-06-15T10:00", ["2026-06-18", "2026-06-26"]),
    ],
)
def test_expirations_follow_the_exchange_s_calendar(now: str, expected: list[str]) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    calendar = sessions(moment.date() - timedelta(days=14), moment.date() + timedelta(days=400))
    found = expirations(calendar, moment)
    assert [day.isoformat() for day in found[: len(expected)]] == expected
    assert found == sorted(set(found))
    assert len(found) >= 16
    assert all(calendar.is_session(day) for day in found)
    assert found[-1] > moment.date() + timedelta(days=300)


@pytest.mark.parametrize("spot", [4.0, 24.0, 60.0, 180.0, 590.0, 4000.0])
def test_strikes_surround_the_spot(spot: float) -> None:
    levels = strikes(spot)
    assert 0 < levels[0] <= spot * 0.75
    assert levels[-1] >= spot * 1.25
    assert all(level % strike_step(spot) == 0 for level in levels)


def test_monthlies_that_expire_on_a_holiday_s_eve_keep_a_session_as_their_last_day() -> None:
    made = SyntheticMarket(["SPY"], 1, VirtualClock(), datetime(2026, 6, 15, 10, tzinfo=NEW_YORK))
    option = next(item for item in made.listing.instruments if isinstance(item, Option))
    assert option.last_trade == date(2026, 6, 18)
    assert option.local_symbol.startswith("SPY   260618C")
