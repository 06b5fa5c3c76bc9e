import pytest

from mesh.settings import SettingsError
from scanner_server.settings import ScannerSettings


@pytest.mark.parametrize("name", ["presets_file", "volatility_file"])
def test_an_empty_variable_names_no_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), "")
    assert getattr(ScannerSettings.load(), name) is None


@pytest.mark.parametrize(
    "name",
    [
        "TLS_CERT_FILE",
        "TLS_CLIENT_CA_FILE",
        "SPREADMESH_TLS_CA_FILE",
        "SPREADMESH_TLS_CERT_FILE",
        "SPREADMESH_API_KEY_FILE",
        "API_KEYS_FILE",
    ],
)
def test_every_file_of_the_server_and_of_its_own_calls_is_looked_at_when_it_starts(monkeypatch, name):
    monkeypatch.setenv(name, "/nonexistent")
    with pytest.raises(SettingsError) as caught:
        ScannerSettings.load()
    assert [line.partition(":")[0] for line in caught.value.lines if line.startswith(f"{name}: ")] == [name]
