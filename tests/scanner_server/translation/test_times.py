"""Instants there and back."""

from hypothesis import given
from hypothesis import strategies as st

from scanner_server.translation.times import new_york_date, seconds_of, timestamp_of


@given(st.integers(0, 4_000_000_000_000_000))
def test_microseconds_survive(micros: int) -> None:
    assert abs(seconds_of(timestamp_of(micros / 1e6)) - micros / 1e6) < 1e-6


def test_the_date_is_that_of_new_york() -> None:
    assert new_york_date(1_772_557_200.0) == "2026-03-03"
    assert new_york_date(1_772_557_200.0 + 11.9 * 3600) == "2026-03-03"
    assert new_york_date(1_772_557_200.0 + 12 * 3600) == "2026-03-04"
