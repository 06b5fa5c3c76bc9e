"""Settings come from the environment; what is wrong is said in one line per variable, without secrets."""

import pytest
from pydantic import Field, SecretStr

from mesh.settings import EnvironmentSettings, MeshSettings, SettingsError


class Account(EnvironmentSettings):
    """A secret, a number and something required."""

    gateway_password: SecretStr = Field(default=SecretStr(""), min_length=8)
    lines: int = Field(default=100, ge=1)
    account: str


def test_values_come_from_variables_without_a_prefix(monkeypatch):
    for name, value in {
        "HOST": "0.0.0.0",
        "INSECURE": "allowed",
        "PORT": "7001",
        "LOG_FORMAT": "json",
        "DRAIN_SECONDS": "2",
    }.items():
        monkeypatch.setenv(name, value)
    settings = MeshSettings.load()
    assert (settings.host, settings.port, settings.log_format) == ("0.0.0.0", 7001, "json")
    assert settings.drain_seconds == 2.0


def test_the_default_listens_on_this_machine_only(monkeypatch):
    monkeypatch.delenv("HOST", raising=False)
    assert MeshSettings.load().host == "127.0.0.1"


def test_each_wrong_variable_has_a_line_that_names_it(monkeypatch):
    monkeypatch.setenv("LINES", "many")
    monkeypatch.setenv("GATEWAY_PASSWORD", "hunter2")
    with pytest.raises(SettingsError) as caught:
        Account.load()
    lines = caught.value.lines
    assert [line.split(":")[0] for line in lines] == ["GATEWAY_PASSWORD", "LINES", "ACCOUNT"]
    assert "'many'" in lines[1]
    assert all("\n" not in line for line in lines)
    assert "hunter2" not in str(caught.value)


def test_a_secret_shows_in_no_text_of_the_settings(monkeypatch):
    monkeypatch.setenv("GATEWAY_PASSWORD", "correct horse")
    monkeypatch.setenv("ACCOUNT", "DU1")
    settings = Account.load()
    assert "horse" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.gateway_password.get_secret_value() == "correct horse"


def test_a_program_ends_with_status_2_and_the_lines(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "70000")
    with pytest.raises(SystemExit) as caught:
        MeshSettings.load_or_exit()
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("PORT: ")
