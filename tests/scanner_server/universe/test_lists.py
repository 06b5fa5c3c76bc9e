"""Lists of underlyings: what may stand in them, and what a scanner says at its start of a wrong one."""

from pathlib import Path

import pytest

from mesh.settings import SettingsError
from scanner_server.settings import ScannerSettings
from scanner_server.universe.symbols import MOST_SYMBOLS, InvalidSymbols, checked_symbols


@pytest.mark.parametrize("symbol", ["SPY", "BRK B", "BF.B", "0700", "RDS-A"])
def test_tickers(symbol: str) -> None:
    assert checked_symbols([symbol]) == (symbol,)


@pytest.mark.parametrize("symbol", ["", " SPY", "spy", "A" * 33, "SPY\n", "Ä", "A,B", "A\x00"])
def test_no_tickers(symbol: str) -> None:
    with pytest.raises(InvalidSymbols) as raised:
        checked_symbols(["SPY", symbol])
    assert raised.value.index == 1


def test_how_many() -> None:
    most = [f"A{number}" for number in range(MOST_SYMBOLS)]
    assert len(checked_symbols(most)) == MOST_SYMBOLS
    for symbols in ([], [*most, "SPY"]):
        with pytest.raises(InvalidSymbols) as raised:
            checked_symbols(symbols)
        assert raised.value.index is None


def test_the_setting_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "universes.toml"
    file.write_text('tech = ["MSFT", "AAPL"]\nindex-funds = ["SPY"]\n')
    assert ScannerSettings.load().universes == {}
    monkeypatch.setenv("UNIVERSES", str(file))
    assert ScannerSettings.load().universes == {"index-funds": ("SPY",), "tech": ("MSFT", "AAPL")}


FILES = [
    ('tech = ["MSFT", "aapl"]', "tech: entry 1: 'aapl' is no ticker"),
    ('tech = ["MSFT", "MSFT"]', "tech: entry 1: 'MSFT' is entry 0 already"),
    ("tech = []", "tech: must have 1 to 500 entries"),
    ('tech = "MSFT"', "tech must be a list"),
    ("tech = [1]", "tech must be a list"),
    ('Tech = ["MSFT"]', "'Tech' is no name"),
    ("tech = [", "Invalid value"),
    ("\n".join(f'a{number} = ["SPY"]' for number in range(65)), "has 65 lists"),
]


@pytest.mark.parametrize(("text", "complaint"), FILES)
def test_a_list_that_cannot_be_used_ends_the_start(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "universes.toml"
    file.write_text(text)
    monkeypatch.setenv("UNIVERSES", str(file))
    with pytest.raises(SettingsError) as raised:
        ScannerSettings.load()
    (line,) = raised.value.lines
    assert line.startswith("UNIVERSES: ")
    assert str(file) in line
    assert complaint in line


def test_a_file_that_is_not_there_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIVERSES", "no/such/file.toml")
    with pytest.raises(SettingsError, match=r"no/such/file\.toml"):
        ScannerSettings.load()
