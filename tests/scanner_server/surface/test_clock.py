"""The date in New York changes at midnight there, not a moment before."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from scanner_server.surface.clock import days_to_expiration, next_midnight

MIDNIGHT = datetime(2015, 12, 25, tzinfo=ZoneInfo("America/New_York")).timestamp()
EXPIRES_AT = np.array([MIDNIGHT + 16 * 3600, MIDNIGHT + 40 * 3600])


@pytest.mark.parametrize(
    ("at", "days", "following"),
    [
        (MIDNIGHT - 3600, [1, 2], MIDNIGHT),
        (math.nextafter(MIDNIGHT, 0), [1, 2], MIDNIGHT),
        (MIDNIGHT, [0, 1], MIDNIGHT + 86_400),
    ],
)
def test_days_and_the_next_midnight_agree(at: float, days: list[int], following: float) -> None:
    assert days_to_expiration(EXPIRES_AT, at).tolist() == days
    assert next_midnight(at) == following


def test_a_day_with_a_change_of_clocks_is_longer() -> None:
    saturday = datetime(2015, 10, 31, 12, tzinfo=ZoneInfo("America/New_York")).timestamp()
    sunday = next_midnight(saturday)
    assert next_midnight(sunday) - sunday == 25 * 3600
