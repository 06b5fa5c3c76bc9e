"""What ibkr_server refuses to start with."""

import pytest

from ibkr_server.settings import IbkrSettings
from mesh.settings import SettingsError


@pytest.mark.parametrize(("lines", "most"), [(10, 45), (100, 45), (101, 45), (1_000, 450), (8_000, 3_600)])
def test_the_pace_goes_with_the_lines(lines: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_SUBSCRIPTIONS", str(lines))
    monkeypatch.setenv("MESSAGES_PER_SECOND", str(most))
    settings = IbkrSettings.load()
    assert (settings.messages_per_second, settings.most_messages_in_a_second) == (most, most)
    monkeypatch.setenv("MESSAGES_PER_SECOND", str(most + 0.5))
    with pytest.raises(SettingsError, match=rf"MESSAGES_PER_SECOND: .* at most {most},"):
        IbkrSettings.load()


def test_the_pace_is_that_of_a_usual_login_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_SUBSCRIPTIONS", "8000")
    assert IbkrSettings.load().messages_per_second == 40.0
