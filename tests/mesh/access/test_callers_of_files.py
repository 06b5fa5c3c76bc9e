"""Files of callers are read again while a server runs, and a broken one takes nobody's right away."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from mesh import watched
from mesh.access.authentication import Authentication, authentication_of
from mesh.access.keys import key_line
from mesh.access.roles import Caller, Role
from mesh.errors import MeshError
from mesh.settings import MeshSettings
from tests.mesh.access.calls import Call

ANN, BOB = "smk_ann", "smk_bob"


@pytest.fixture(autouse=True)
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "LOOK_SECONDS", 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(key_line("ann", Role.OPERATOR, ANN))
    return path


@pytest.fixture
def server(path: Path) -> Authentication:
    return authentication_of(MeshSettings(api_keys_file=path))


def is_known(server: Authentication, key: str) -> bool:
    try:
        server.caller(Call(key))
    except MeshError:
        return False
    return True


def test_a_key_names_its_caller(server):
    assert server.caller(Call(ANN)) == Caller("ann", Role.OPERATOR)
    assert not is_known(server, BOB)
    assert not is_known(server, "")


def test_a_line_that_came_counts_and_one_that_went_no_more(server, path):
    path.write_text(key_line("bob", Role.VIEWER, BOB))
    assert server.caller(Call(BOB)) == Caller("bob", Role.VIEWER)
    assert not is_known(server, ANN)


@pytest.mark.parametrize("harm", ["no keys at all\n", "ann operator smk_pasted\n", b"\xff\xfe"])
def test_a_broken_file_leaves_the_keys_as_they_were_and_shows_none(server, path, caplog, harm):
    path.write_bytes(harm if isinstance(harm, bytes) else harm.encode())
    with caplog.at_level(logging.ERROR):
        assert all(is_known(server, ANN) for _ in range(3))
    assert caplog.text.count("stay as they were") == 1
    assert "smk_pasted" not in caplog.text
    path.write_text(key_line("bob", Role.VIEWER, BOB))
    assert is_known(server, BOB), "it heals"


def test_identities_are_read_again_too(tmp_path, mounted: Callable[[], dict[str, str]]):
    path = tmp_path / "identities"
    path.write_text("spiffe://mesh.test/scanner viewer")
    server = authentication_of(MeshSettings(identities_file=path, **mounted()))
    scanner = Call(spiffe_id="spiffe://mesh.test/scanner")
    assert server.caller(scanner).role is Role.VIEWER
    path.write_text("# nobody\n")
    with pytest.raises(MeshError):
        server.caller(scanner)


def test_a_server_does_not_start_without_its_keys(tmp_path):
    settings = MeshSettings.model_construct(api_keys_file=tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        authentication_of(settings)
