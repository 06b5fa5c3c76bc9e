from dataclasses import replace
from datetime import date

import pytest

from tws_sim.market.instrument import Option, option, share
from tws_sim.market.listing import ContractQuery, Listing

GOOG = share("GOOG")
FRIDAY, SATURDAY, NEXT = date(2016, 1, 15), date(2016, 1, 16), date(2016, 2, 19)
OPTIONS = [
    option(GOOG, last, expiration, strike, right)
    for last, expiration in ((FRIDAY, SATURDAY), (NEXT, NEXT))
    for strike in (745.0, 750.0, 752.5)
    for right in ("C", "P")
]
LISTING = Listing([GOOG, *OPTIONS, share("AAPL")])
BASE = ContractQuery(symbol="GOOG", sec_type="OPT", exchange="SMART", currency="USD")


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 12),
        ({"expiry": "20160115"}, 6),
        ({"expiry": "20160116"}, 6),  # a Saturday expiration answers to both of its dates
        ({"expiry": "201601"}, 6),
        ({"expiry": "2016"}, 12),
        ({"expiry": "20160115", "strike": 752.5}, 2),
        ({"expiry": "20160115", "strike": 752.5, "right": "PUT"}, 1),
        ({"right": "c"}, 6),
        ({"multiplier": "100"}, 12),
        ({"multiplier": "10"}, 0),
        ({"trading_class": "GOOG7"}, 0),
        ({"exchange": "CBOE"}, 12),
        ({"exchange": "EUREX"}, 0),
        ({"currency": "EUR"}, 0),
        ({"strike": 751.0}, 0),
        ({"symbol": "GOOGL"}, 0),
        ({"symbol": "", "local_symbol": "GOOG  160116C00752500"}, 1),
        ({"sec_type": "FUT"}, 0),
        ({"sec_type": "STK"}, 1),
        ({"sec_type": "STK", "primary_exchange": "NASDAQ"}, 1),
        ({"sec_type": "STK", "primary_exchange": "NYSE"}, 0),
        ({"con_id": 208813720}, 1),
        ({"con_id": 5}, 0),
    ],
)
def test_a_description_means_every_contract_it_fits(changes: dict[str, object], count: int) -> None:
    assert len(LISTING.match(replace(BASE, **changes))) == count  # type: ignore[arg-type]  # the cases mix types


def test_ids_that_clash_are_moved_apart() -> None:
    twin = replace(OPTIONS[1], con_id=OPTIONS[0].con_id)
    listing = Listing([OPTIONS[0], twin])
    first, second = listing.instruments
    assert second.con_id == first.con_id + 1
    assert listing.by_id(second.con_id) == second
    assert isinstance(second, Option)
    assert listing.by_id(1) is None
