"""What a process says of itself: a key or token of its environment, or of a file that is exchanged."""

import pytest

from mesh import watched
from mesh.access.roles import Role, current_caller
from mesh.channel import environment_api_key, open_channel
from mesh.server import Service, serving
from mesh.settings import MeshSettings, SettingsError
from tests.mesh.conftest import ECHO, EchoClient, EchoServicer
from tests.token_issuer import AUDIENCE

KEY, FILE = "SPREADMESH_API_KEY", "SPREADMESH_API_KEY_FILE"


@pytest.fixture(autouse=True)
def _of_no_one(monkeypatch):
    for name in (KEY, FILE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "token"
    path.write_text("smk_bob\n")
    monkeypatch.setenv(FILE, str(path))
    return path


def test_the_key_of_the_environment(monkeypatch):
    assert environment_api_key() is None
    monkeypatch.setenv(KEY, "")
    assert environment_api_key() is None
    monkeypatch.setenv(KEY, "smk_ann")
    assert environment_api_key() == "smk_ann"


def test_the_key_of_the_environment_goes_before_that_of_a_file(monkeypatch, file):
    monkeypatch.setenv(KEY, "smk_ann")
    assert environment_api_key() == "smk_ann"


def test_a_file_is_read_again_when_it_was_exchanged_and_stays_while_it_is_of_no_use(monkeypatch, file):
    monkeypatch.setattr(watched, "LOOK_SECONDS", 0.0)
    ask = environment_api_key()
    assert ask() == "smk_bob"
    for content, expected in (
        ("a.b.c\n", "a.b.c"),
        ("two words", "a.b.c"),
        ("", "a.b.c"),
        ("d.e.f", "d.e.f"),
    ):
        file.write_text(content)
        assert ask() == expected


def test_a_file_that_is_not_there_is_told_at_once(file):
    file.unlink()
    with pytest.raises(SettingsError, match=rf"{FILE}: .*can't be read: No such file"):
        environment_api_key()


@pytest.mark.parametrize("text", ["two words", "new\nline", "clé", "nul\0"])
def test_what_no_header_can_hold_is_refused_and_not_shown(monkeypatch, file, text):
    file.write_text(text)
    with pytest.raises(SettingsError, match="visible ASCII") as caught:
        environment_api_key()
    assert text not in str(caught.value)
    if "\0" not in text:
        monkeypatch.setenv(KEY, text)
        with pytest.raises(SettingsError, match="visible ASCII") as caught:
            environment_api_key()
        assert text not in str(caught.value)


async def test_each_call_has_the_token_of_its_time(served_issuer, method, monkeypatch, file):
    monkeypatch.setattr(watched, "LOOK_SECONDS", 0.0)
    echo, seen = EchoServicer(), []
    act = echo.act

    async def noting(request):
        seen.append(current_caller())
        return await act(request)

    monkeypatch.setattr(echo, "act", noting)
    settings = MeshSettings(
        drain_seconds=0, oidc_issuer=served_issuer.url, oidc_audience=AUDIENCE, method_roles="*=viewer"
    )
    file.write_text(served_issuer.token(sub="ann", spreadmesh_role="viewer"))
    async with (
        serving(settings, [Service(ECHO, echo.register)]) as server,
        open_channel(server.address, api_key=environment_api_key()) as channel,
    ):
        await EchoClient(channel).call(method, b"")
        file.write_text(served_issuer.token(sub="bob", spreadmesh_role="trader"))
        await EchoClient(channel).call(method, b"")
    assert [(caller.name, caller.role) for caller in seen] == [
        ("oidc/ann", Role.VIEWER),
        ("oidc/bob", Role.TRADER),
    ]
