import pytest

from scanner_server.settings import ScannerSettings


@pytest.mark.parametrize("name", ["presets_file", "volatility_file"])
def test_an_empty_variable_names_no_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), "")
    assert getattr(ScannerSettings.load(), name) is None
