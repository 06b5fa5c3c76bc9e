"""Certificates that can't be used end the start with one line that names the variable, and exit status 2."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from mesh.environment import EnvironmentSettings, SettingsError
from mesh.settings import MeshSettings
from mesh.tls.certificates import parse_pair
from mesh.tls.settings import ClientTlsSettings
from scanner_server.settings import ScannerSettings
from tests.certificates import LOCAL, Authority, Issued, Mounted, issue


def load(settings: type[EnvironmentSettings], environment: dict[str, str]) -> EnvironmentSettings:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return settings.load()


def lines(settings: type[EnvironmentSettings], environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(settings, environment)
    return caught.value.lines


SIDES = {
    "server": (MeshSettings, "TLS_"),
    "client": (ClientTlsSettings, "SPREADMESH_TLS_"),
    "scanner as a server": (ScannerSettings, "TLS_"),
    "scanner as a client": (ScannerSettings, "SPREADMESH_TLS_"),
}


@pytest.fixture(params=SIDES.values(), ids=SIDES)
def side(request):
    return request.param


def environment(mounted: Mounted, prefix: str) -> dict[str, str]:
    return mounted.server() if prefix == "TLS_" else mounted.client()


def test_what_is_of_use_is_taken(server_files, side):
    settings, prefix = side
    taken = load(settings, environment(server_files, prefix))
    assert getattr(taken, f"{prefix}CERT_FILE".lower()) == server_files.certificate


def test_nothing_is_plaintext():
    assert not MeshSettings.load().is_encrypted
    names = ["TLS_CERT_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE"]
    assert not load(MeshSettings, dict.fromkeys(names, "")).is_encrypted
    assert ClientTlsSettings.load().spreadmesh_tls_ca_file is None


@pytest.mark.parametrize(
    ("variable", "content", "told"),
    [
        ("CERT_FILE", b"nonsense", "there is no certificate in PEM in it"),
        ("KEY_FILE", b"nonsense", "there is no private key in PEM without a password in it"),
        ("CERT_FILE", None, "can't be read: No such file"),
        ("KEY_FILE", None, "can't be read: No such file"),
        ("CA_FILE", b"nonsense", "there is no certificate in PEM in it"),
        ("CA_FILE", None, "can't be read: No such file"),
    ],
)
def test_a_file_of_no_use_is_named(server_files, side, tmp_path, variable, content, told):
    settings, prefix = side
    variable = "CLIENT_CA_FILE" if (prefix, variable) == ("TLS_", "CA_FILE") else variable
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    (line,) = lines(settings, environment(server_files, prefix) | {prefix + variable: str(file)})
    assert line.startswith(f"{prefix}{variable}: ")
    assert told in line


def test_an_expired_certificate_is_named_with_its_date(authority, side, tmp_path):
    settings, prefix = side
    then = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    expired = Mounted.at(tmp_path / "expired", issue(authority, not_after=then))
    (line,) = lines(settings, environment(expired, prefix))
    assert line.startswith(f"{prefix}CERT_FILE: ")
    assert "expired on 2026-03-01 at 12:30:00 UTC" in line


def test_a_key_of_another_certificate_is_named(authority, server_files, client_files, side):
    settings, prefix = side
    mixed = environment(server_files, prefix) | {f"{prefix}KEY_FILE": str(client_files.key)}
    (line,) = lines(settings, mixed)
    assert line.startswith(f"{prefix}KEY_FILE: ")
    assert "not that of the certificate" in line


def test_a_key_behind_a_password_is_refused_and_not_asked_for(authority, side, tmp_path):
    settings, prefix = side
    issued = issue(authority)
    encryption = BestAvailableEncryption(b"swordfish")
    key = issued.private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    locked = Mounted.at(tmp_path / "locked", Issued(issued.certificate, key, issued.authority))
    (line,) = lines(settings, environment(locked, prefix))
    assert "without a password" in line


@pytest.mark.parametrize("missing", ["CERT_FILE", "KEY_FILE"])
def test_a_certificate_and_its_key_go_together(server_files, side, missing):
    settings, prefix = side
    half = environment(server_files, prefix) | {prefix + missing: ""}
    assert any(line.startswith(f"{prefix}KEY_FILE: ") for line in lines(settings, half))


def test_authorities_of_clients_are_nothing_without_a_certificate(server_files):
    (line,) = lines(MeshSettings, {"TLS_CLIENT_CA_FILE": str(server_files.authorities)})
    assert line.startswith("TLS_CLIENT_CA_FILE: ")


def test_a_client_with_a_certificate_and_no_authorities_would_be_plaintext_and_is_refused(client_files):
    half = client_files.client() | {"SPREADMESH_TLS_CA_FILE": ""}
    told = lines(ClientTlsSettings, half)
    assert told[0].startswith("SPREADMESH_TLS_CERT_FILE: ")


def test_a_chain_and_a_bundle_may_hold_several(authority, tmp_path):
    other = Authority("other")
    chained = issue(authority, dns=LOCAL)
    chain = Issued(chained.certificate + authority.pem, chained.key, authority.pem)
    mounted = Mounted.at(tmp_path / "chain", chain, authority.pem + other.pem)
    assert load(MeshSettings, mounted.server()).is_encrypted


def test_a_key_is_in_no_text(authority):
    issued = issue(authority)
    certificate = parse_pair(issued.certificate, issued.key, datetime.now(UTC))
    assert repr(certificate).startswith("Certificate(not_after=")


def test_a_server_does_not_start_with_what_has_expired(authority, tmp_path):
    expired = issue(authority, not_after=datetime.now(UTC) - timedelta(seconds=1))
    environment = Mounted.at(tmp_path / "expired", expired).server()
    start = [sys.executable, "-m", "ibkr_server"]
    done = subprocess.run(start, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("TLS_CERT_FILE: ")
    assert len(done.stderr.splitlines()) == 1
