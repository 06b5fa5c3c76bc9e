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


BEYOND = ["0.0.0.0", "::", "10.0.0.7", "host.example", ""]
KNOWING = ["API_KEYS_FILE", "OIDC_ISSUER", "IDENTITIES_FILE"]


@pytest.fixture
def tls(mounted):
    return mounted()


@pytest.fixture
def ways(keys, tmp_path, tls):
    """Each way to know callers, alone."""
    identities = tmp_path / "identities"
    identities.write_text("spiffe://mesh.test/scanner viewer")
    oidc = {"oidc_issuer": "https://issuer.example", "oidc_audience": "spreadmesh"}
    workloads = {"identities_file": identities} | tls
    return {"keys": {"api_keys_file": keys}, "tokens": oidc, "identities": workloads}


@pytest.mark.parametrize("host", BEYOND)
def test_beyond_the_machine_callers_must_be_known_and_be_encrypted(host, keys, tls):
    for given in ({}, tls, {"insecure": "plaintext"}, {"anonymous_role": "viewer"}):
        (line,) = lines(host=host, **given)
        assert line.startswith("HOST: ")
        assert all(name in line for name in [*KNOWING, "INSECURE=allowed"])
    (line,) = lines(host=host, api_keys_file=keys)
    assert line.startswith("HOST: ")
    assert all(name in line for name in ("TLS_CERT_FILE", "TLS_KEY_FILE", "INSECURE=plaintext"))


@pytest.mark.parametrize("way", ["keys", "tokens", "identities"])
def test_each_way_to_know_callers_is_enough_with_tls(way, ways, tls):
    settings = MeshSettings(host="0.0.0.0", **tls | ways[way])
    assert settings.knows_callers
    assert not settings.is_open_to_all
    assert not settings.is_readable_by_all


@pytest.mark.parametrize("way", ["keys", "tokens"])
def test_what_something_else_encrypts_may_be_plaintext_to_known_callers(way, ways):
    settings = MeshSettings(host="0.0.0.0", insecure="plaintext", **ways[way])
    assert settings.is_readable_by_all
    assert not settings.is_open_to_all


def test_all_of_it_may_be_allowed():
    settings = MeshSettings(host="0.0.0.0", insecure="allowed")
    assert settings.is_open_to_all
    assert settings.is_readable_by_all


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_the_machine_itself_needs_nothing(host):
    settings = MeshSettings(host=host)
    assert not settings.is_open_to_all
    assert not settings.is_readable_by_all


async def test_a_server_that_everybody_may_call_or_read_says_so(caplog, keys):
    plaintext = {"api_keys_file": keys, "insecure": "plaintext"}
    for settings, said in (({"insecure": "allowed"}, (1, 1)), (plaintext, (0, 1)), ({"host": "::1"}, (0, 0))):
        caplog.clear()
        async with serving(MeshSettings(**{"host": "0.0.0.0", "drain_seconds": 0} | settings), []):
            pass
        assert (caplog.text.count("everybody may call"), caplog.text.count("nothing encrypts")) == said


def test_keys_that_can_not_be_read_end_the_start_with_one_line(tmp_path):
    (line,) = lines(api_keys_file=tmp_path / "none", host="0.0.0.0", insecure="plaintext")
    assert line.startswith("API_KEYS_FILE: ")
    assert "No such file" in line


def test_identities_need_certificates(tmp_path):
    path = tmp_path / "identities"
    path.write_text("spiffe://mesh.test/scanner viewer")
    (line,) = lines(identities_file=path)
    assert line.startswith("IDENTITIES_FILE: ")
    assert "TLS_CLIENT_CA_FILE" in line


def test_an_identity_that_trades_without_a_name_ends_the_start(tmp_path, tls):
    path = tmp_path / "identities"
    path.write_text("\nspiffe://mesh.test/scanner trader")
    (line,) = lines(identities_file=path, **tls)
    assert line.startswith("IDENTITIES_FILE: ")
    assert "line 2" in line


def test_tokens_need_an_audience():
    (line,) = lines(oidc_issuer="https://issuer.example")
    assert line.startswith("OIDC_AUDIENCE: ")


@pytest.mark.parametrize("name", ["oidc_issuer", "oidc_jwks_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example",
        "ftp://issuer.example",
        "issuer.example",
        "file:///keys",
        "https://",
        "https://u:p@host/",
        "https://host/?a=b",
        "http://127.0.0.1.example/",
    ],
)
def test_keys_of_tokens_come_only_from_where_nobody_can_change_them(name, url):
    (line,) = lines(**{"oidc_issuer": "https://issuer.example", "oidc_audience": "a", name: url})
    assert line.startswith(f"{name.upper()}: ")


def test_an_issuer_of_this_machine_may_speak_plaintext():
    assert MeshSettings(oidc_issuer="http://127.0.0.1:8080/realm", oidc_audience="a").oidc_issuer


def test_a_line_that_can_not_be_read_is_named_and_not_shown(tmp_path):
    path = tmp_path / "keys"
    path.write_text("\nann operator smk_secret")
    (line,) = lines(api_keys_file=path)
    assert "line 2" in line
    assert "smk_secret" not in line


def test_an_empty_variable_is_none(monkeypatch):
    for name in (*KNOWING, "OIDC_JWKS_URL"):
        monkeypatch.setenv(name, "")
    assert not MeshSettings.load().knows_callers


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
