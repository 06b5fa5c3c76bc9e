from datetime import UTC, datetime, timedelta

import pytest

from ibkr_server.gateway.restart import DailyRestart
from ibkr_server.settings import IbkrSettings
from mesh.settings import SettingsError


@pytest.mark.parametrize(
    ("text", "now", "due"),
    [
        ("23:45", datetime(2026, 1, 9, 4, 44, tzinfo=UTC), True),  # 23:44 in New York, winter
        ("23:45", datetime(2026, 1, 9, 3, 44, tzinfo=UTC), False),
        ("23:45", datetime(2026, 7, 9, 3, 44, tzinfo=UTC), True),  # summer
        ("23:45 Europe/Zurich", datetime(2026, 1, 9, 22, 46, tzinfo=UTC), True),
        ("00:01 UTC", datetime(2026, 1, 8, 23, 59, 30, tzinfo=UTC), True),  # over midnight
        ("23:59 UTC", datetime(2026, 1, 9, 0, 0, 30, tzinfo=UTC), True),
        ("12:00 UTC", datetime(2026, 1, 9, 12, 2, 1, tzinfo=UTC), False),
    ],
)
def test_is_due_within_two_minutes(text: str, now: datetime, due: bool) -> None:
    assert DailyRestart.parse(text).is_due(now) is due


def test_is_due_for_four_minutes_a_day() -> None:
    restart = DailyRestart.parse("23:45")
    day = [datetime(2026, 3, 8, tzinfo=UTC) + timedelta(seconds=second) for second in range(86_400)]
    assert sum(map(restart.is_due, day)) == 241


@pytest.mark.parametrize(
    ("text", "why"),
    [("noon", "HH:MM"), ("25:00", "hour"), ("23:45 Mars/Base", "no time zone"), ("2345", "HH:MM")],
)
def test_what_is_no_time_is_refused(text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=why):
        DailyRestart.parse(text)
    monkeypatch.setenv("GATEWAY_RESTART", text)
    with pytest.raises(SettingsError, match="GATEWAY_RESTART"):
        IbkrSettings.load()
