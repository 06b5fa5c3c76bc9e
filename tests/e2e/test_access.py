"""A whole mesh with keys: the scanner shows its own, and nobody comes further than its role."""

import subprocess
from collections.abc import Iterator

import pytest

from mesh.access.keys import key_line, new_key
from mesh.access.roles import Role
from tests.e2e.conftest import COMMAND, Mesh, mesh_up

KEYS = {Role.VIEWER: new_key(), Role.TRADER: new_key()}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    folder = tmp_path_factory.mktemp("keyed")
    keys = folder / "keys"
    keys.write_text("\n".join(key_line(f"a-{role.name.lower()}", role, key) for role, key in KEYS.items()))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("API_KEYS_FILE", str(keys))
        environment.setenv("SPREADMESH_API_KEY", KEYS[Role.VIEWER])
        with mesh_up(folder / "state", "--symbols", "SPY") as running:
            yield running


def as_caller(mesh: Mesh, key: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in mesh.environment.items() if name != "SPREADMESH_API_KEY"}
    if key is not None:
        environment["SPREADMESH_API_KEY"] = key
    return subprocess.run(
        [COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_viewer_scans_with_quotes_that_the_scanner_has_by_its_own_key(mesh: Mesh) -> None:
    rankings = mesh.watch("SPY", until=lambda rankings: bool(rankings[-1]["candidates"]))
    assert rankings[-1]["candidates"]


def test_a_viewer_cancels_nothing(mesh: Mesh) -> None:
    done = as_caller(mesh, KEYS[Role.VIEWER], "order", "cancel", "c1")
    assert done.returncode != 0
    assert "a-viewer is a viewer; this takes a trader" in done.stderr


def test_a_trader_may_and_is_told_that_there_is_nothing(mesh: Mesh) -> None:
    done = as_caller(mesh, KEYS[Role.TRADER], "order", "cancel", "c1")
    assert "no such order of yours" in done.stderr


@pytest.mark.parametrize(
    ("key", "command"), [(None, ["scan", "SPY"]), (new_key(), ["positions"])], ids=["no key", "another key"]
)
def test_who_is_not_known_learns_nothing(mesh: Mesh, key: str | None, command: list[str]) -> None:
    done = as_caller(mesh, key, *command)
    assert done.returncode != 0
    assert "API key" in done.stderr
    assert key is None or key not in done.stderr
