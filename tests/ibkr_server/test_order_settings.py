"""Nothing is placed unless that was asked for, and the journal lies where state is kept."""

from pathlib import Path

import pytest

from ibkr_server.order_settings import OrderSettings
from mesh.settings import SettingsError


def test_trading_is_off_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TRADING", raising=False)
    assert OrderSettings.load().trading == "disabled"


@pytest.mark.parametrize("text", ["true", "1", "Enabled", ""])
def test_only_the_very_word_enables_it(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("TRADING", text)
    with pytest.raises(SettingsError, match="TRADING"):
        OrderSettings.load()


@pytest.mark.parametrize(
    ("state", "folder"),
    [
        ("/var/state", "/var/state/spreadmesh"),
        ("", "/users/me/.local/state/spreadmesh"),
        ("relative", "/users/me/.local/state/spreadmesh"),
    ],
)
def test_the_journal_lies_where_state_is_kept(monkeypatch: pytest.MonkeyPatch, state: str, folder: str):
    monkeypatch.delenv("JOURNAL", raising=False)
    monkeypatch.setenv("HOME", "/users/me")
    monkeypatch.setenv("XDG_STATE_HOME", state)
    assert OrderSettings.load().journal == Path(folder) / "orders.db"


def test_it_can_be_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JOURNAL", "/data/orders.db")
    assert OrderSettings.load().journal == Path("/data/orders.db")
