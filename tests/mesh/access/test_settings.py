"""Who may call is part of the settings, and no server starts that everybody could reach by accident."""

import pytest

from mesh.access.keys import key_line
from mesh.access.roles import Role
from mesh.server import serving
from mesh.settings import MeshSettings, SettingsError


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys"
    path.write_text(key_line("ann", Role.OPERATOR, "smk_ann"))
    return path


def lines(**settings: object) -> list[str]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name.upper(), str(value))
        with pytest.raises(SettingsError) as caught:
            MeshSettings.load()
    return caught.value.lines


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "host.example", ""])
def test_listening_beyond_the_machine_takes_keys(host, keys):
    (line,) = lines(host=host)
    assert line.startswith("HOST: ")
    assert "API_KEYS_FILE" in line
    assert MeshSettings(host=host, api_keys_file=keys).host == host
    assert MeshSettings(host=host, insecure="allowed").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_the_machine_itself_needs_none(host):
    assert MeshSettings(host=host).host == host
    assert not MeshSettings(host=host).is_open_to_all


async def test_a_server_that_everybody_may_call_says_so(caplog, keys):
    for settings, warnings in (({"insecure": "allowed"}, 1), ({"api_keys_file": keys}, 0)):
        caplog.clear()
        async with serving(MeshSettings(host="0.0.0.0", port=0, drain_seconds=0, **settings), []):
            pass
        assert caplog.text.count("everybody may call") == warnings


def test_keys_that_can_not_be_read_end_the_start_with_one_line(tmp_path):
    (line,) = lines(api_keys_file=tmp_path / "none", host="0.0.0.0")
    assert line.startswith("API_KEYS_FILE: ")
    assert "No such file" in line


def test_a_line_that_can_not_be_read_is_named_and_not_shown(tmp_path):
    path = tmp_path / "keys"
    path.write_text("\nann operator smk_secret")
    (line,) = lines(api_keys_file=path)
    assert "line 2" in line
    assert "smk_secret" not in line


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("API_KEYS_FILE", "")
    assert MeshSettings.load().api_keys_file is None


def test_without_keys_everybody_may_preview_and_not_trade(monkeypatch):
    assert MeshSettings.load().anonymous_role is Role.PREVIEWER
    monkeypatch.setenv("ANONYMOUS_ROLE", "operator")
    assert MeshSettings.load().anonymous_role is Role.OPERATOR
    (line,) = lines(anonymous_role="root")
    assert line.startswith("ANONYMOUS_ROLE: ")


def test_the_role_of_a_method_can_be_raised_and_the_method_closed(monkeypatch):
    control = "spreadmesh.order.v1.ControlService"
    monkeypatch.setenv("METHOD_ROLES", f"{control}/Halt=operator,{control}/CancelAllOrders=nobody")
    roles = MeshSettings.load().method_roles
    assert roles[f"/{control}/Halt"] is Role.OPERATOR
    assert roles[f"/{control}/CancelAllOrders"] is None
    assert roles[f"/{control}/Resume"] is Role.OPERATOR
    (line,) = lines(method_roles=f"{control}/Halt=everyone")
    assert line.startswith("METHOD_ROLES: ")
