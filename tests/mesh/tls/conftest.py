"""An authority, and mounted certificates of a server and a client."""

from pathlib import Path

import pytest

from mesh.settings import MeshSettings
from mesh.tls.settings import ClientTlsSettings
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server_files(tmp_path: Path, authority: Authority) -> Mounted:
    return Mounted.at(tmp_path / "server", issue(authority, f"{SPIFFE}/server", LOCAL))


@pytest.fixture
def client_files(tmp_path: Path, authority: Authority) -> Mounted:
    return Mounted.at(tmp_path / "client", issue(authority, f"{SPIFFE}/client", common_name="ann"))


@pytest.fixture
def settings(server_files: Mounted) -> MeshSettings:
    return MeshSettings(port=0, drain_seconds=0, **lower(server_files.server()))


@pytest.fixture
def client_tls(client_files: Mounted) -> ClientTlsSettings:
    return ClientTlsSettings(**lower(client_files.client()))


def lower(environment: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in environment.items()}
