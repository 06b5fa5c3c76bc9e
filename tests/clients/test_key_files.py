"""`spreadmesh keys new --keys-file --key-file`: a key where its caller and its server look for it."""

import stat
from pathlib import Path

from spreadmesh_client.cli.app import app
from typer.testing import CliRunner, Result

from mesh.access.keys import key_hash, parse_keys
from mesh.access.roles import Caller, Role


def new_key(folder: Path, name: str, role: str = "viewer") -> Result:
    files = ["--keys-file", str(folder / "keys"), "--key-file", str(folder / f"{name}.key")]
    return CliRunner().invoke(app, ["keys", "new", name, "--role", role, *files])


def test_the_files_fit_and_are_for_this_user_alone(tmp_path: Path) -> None:
    done = [new_key(tmp_path, "scanner"), new_key(tmp_path, "desk", "trader")]
    keys = parse_keys((tmp_path / "keys").read_text())
    for name, role in (("scanner", Role.VIEWER), ("desk", Role.TRADER)):
        key = (tmp_path / f"{name}.key").read_text().strip()
        assert keys[key_hash(key)] == Caller(name, role)
        assert all(key not in each.output for each in done)
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600] * 3


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    new_key(tmp_path, "desk")
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    assert new_key(tmp_path, "desk").exit_code == 0
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    done = new_key(tmp_path / "away", "desk")
    assert done.exit_code == 2
    assert "can't be written" in done.output
