from datetime import UTC, date, datetime

import pytest

from ibkr_server.chain.expiration import expiration_instant


@pytest.mark.parametrize(
    ("listed", "trading_class", "instant"),
    [
        (date(2015, 12, 24), "GOOG", datetime(2015, 12, 24, 18, 0, tzinfo=UTC)),  # early close, 13:00
        (date(2016, 1, 15), "GOOG", datetime(2016, 1, 15, 21, 0, tzinfo=UTC)),
        (date(2016, 1, 16), "GOOG", datetime(2016, 1, 15, 21, 0, tzinfo=UTC)),  # Saturday of an old monthly
        (date(2016, 7, 15), "GOOG", datetime(2016, 7, 15, 20, 0, tzinfo=UTC)),  # summer time
        (date(2019, 4, 19), "SPY", datetime(2019, 4, 18, 20, 0, tzinfo=UTC)),  # Good Friday
        (date(2021, 1, 1), "SPY", datetime(2020, 12, 31, 21, 0, tzinfo=UTC)),  # in the year before
        (date(2024, 1, 19), "SPX", datetime(2024, 1, 19, 14, 30, tzinfo=UTC)),  # settled at the opening
        (date(2024, 1, 19), "SPXW", datetime(2024, 1, 19, 21, 0, tzinfo=UTC)),
        (date(2028, 12, 15), "SPY", datetime(2028, 12, 15, 21, 0, tzinfo=UTC)),  # beyond next year
    ],
)
def test_is_the_end_of_the_last_session(listed: date, trading_class: str, instant: datetime) -> None:
    assert expiration_instant(listed, trading_class) == instant
