from datetime import date

import pytest

from tws_sim.market.calendar import SessionCalendar, trading_hours

CALENDAR = SessionCalendar(date(2015, 12, 1), date(2016, 1, 31))


def test_hours_of_a_half_day_a_holiday_and_a_weekend() -> None:
    extended, regular = trading_hours(CALENDAR, date(2015, 12, 24))
    assert regular == (
        "20151224:0930-20151224:1300;20151225:CLOSED;20151226:CLOSED;20151227:CLOSED;"
        "20151228:0930-20151228:1600;20151229:0930-20151229:1600"
    )
    assert extended.startswith("20151224:0400-20151224:1700;20151225:CLOSED;")
    assert extended.endswith("20151229:0400-20151229:2000")


def test_the_last_session_of_a_saturday_is_its_friday() -> None:
    assert CALENDAR.last_session(date(2016, 1, 16)) == date(2016, 1, 15)
    assert CALENDAR.close(date(2015, 12, 25)).isoformat() == "2015-12-24T13:00:00-05:00"
    with pytest.raises(ValueError, match="no session"):
        CALENDAR.last_session(date(2015, 11, 30))
