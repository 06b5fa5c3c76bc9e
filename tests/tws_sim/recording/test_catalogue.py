"""Recorded contract details in the shapes of two versions."""

from datetime import datetime

import pytest

from tws_sim.market.assets import listed
from tws_sim.market.calendar import NEW_YORK, sessions
from tws_sim.market.instrument import Instrument, option, share
from tws_sim.market.listing import ContractQuery
from tws_sim.recording.catalogue import Details
from tws_sim.wire.contracts import contract_details, default_exchange
from tws_sim.wire.framing import split_fields

NOW = datetime(2026, 11, 20, 10, tzinfo=NEW_YORK)
SPY = share("SPY")
CALL = option(SPY, NOW.date(), NOW.date(), 590.0, "C")
ITEMS: list[Instrument] = [SPY, CALL, *listed(NOW.date())]


def sent(item: Instrument, version: int) -> bytes:
    calendar = sessions(NOW.date(), datetime(2026, 12, 31).date())
    return contract_details(version, 5, item, exchange=default_exchange(item), calendar=calendar, now=NOW)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: str(item.con_id))
@pytest.mark.parametrize("recorded", [157, 176])
@pytest.mark.parametrize("asked", [157, 176])
def test_details_are_sent_in_the_shape_of_the_version_asked_for(
    item: Instrument, recorded: int, asked: int
) -> None:
    details = Details.read(recorded, split_fields(sent(item, recorded)[4:]))
    again = split_fields(details.as_message(asked, 5, default_exchange(item))[4:])
    wanted = split_fields(sent(item, asked)[4:])
    if recorded < asked or isinstance(item, type(SPY)):  # sizes were not recorded: an old client learns one
        again[-3:], wanted[-3:] = [], []
    if asked == 157:
        again[15] = wanted[15] = ""
        assert len(again) == len(wanted)
    assert again == wanted


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: str(item.con_id))
def test_an_instrument_is_found_by_its_id_and_becomes_one_of_its_kind(item: Instrument) -> None:
    details = Details.read(176, split_fields(sent(item, 176)[4:]))
    assert details.fits(ContractQuery(con_id=item.con_id))
    assert not details.fits(ContractQuery(con_id=item.con_id + 1))
    made = details.instrument()
    assert (type(made), made.con_id, made.symbol) == (type(item), item.con_id, item.symbol)


def test_a_description_has_to_fit_in_every_field() -> None:
    details = Details.read(176, split_fields(sent(CALL, 176)[4:]))
    fitting = ContractQuery(
        symbol="SPY", sec_type="OPT", expiry="202611", strike=590, right="CALL", currency="USD"
    )
    assert details.fits(fitting)
    for other in (
        {"symbol": "AAPL"}, {"sec_type": "STK"}, {"expiry": "202612"}, {"strike": 591}, {"right": "P"},
        {"currency": "EUR"}, {"exchange": "CME"}, {"multiplier": "10"}, {"local_symbol": "SPY"},
    ):  # fmt: skip
        assert not details.fits(ContractQuery(**{**fitting.__dict__, **other}))
