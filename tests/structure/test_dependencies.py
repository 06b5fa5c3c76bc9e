"""docs/dependencies.md has one line per dependency of pyproject.toml, and no other."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^\| `([^`]+)` \|(.+)\|(.+)\|(.+)\|$", re.MULTILINE)


def declared() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [
        settings["project"]["dependencies"],
        settings["build-system"]["requires"],
        *settings["project"]["optional-dependencies"].values(),
        *settings["dependency-groups"].values(),
    ]
    names = {Requirement(line).name for lines in lists for line in lines if isinstance(line, str)}
    return {str(canonicalize_name(name)) for name in names} - {"spreadmesh"}


def test_every_dependency_is_accounted_for() -> None:
    lines = LINE.findall((ROOT / "docs" / "dependencies.md").read_text())
    described = [canonicalize_name(name) for name, *_ in lines if "/" not in name]
    assert sorted(described) == sorted(set(described))
    assert set(described) == declared()
    assert all(cell.strip() for line in lines for cell in line[1:])


def test_the_outside_tools_are_accounted_for() -> None:
    described = {name for name, *_ in LINE.findall((ROOT / "docs" / "dependencies.md").read_text())}
    modules = re.findall(r"^tool (\S+)$", (ROOT / "tools" / "go.mod").read_text(), re.MULTILINE)
    packages = re.findall(r'"(@[^"]+)": "\d', (ROOT / "tools" / "package.json").read_text())
    assert modules
    assert packages
    assert {*modules, *packages} <= described


def test_locks_pin_every_file_by_its_hash() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    assert len(locks) == 5
    for lock in locks:
        pins = re.findall(r"^\S+==\S+[^\n]*\\\n    --hash=sha256:", lock.read_text(), re.MULTILINE)
        names = re.findall(r"^[A-Za-z0-9]", lock.read_text(), re.MULTILINE)
        assert len(pins) == len(names), lock.name


def test_tests_run_on_the_versions_that_users_run_on() -> None:
    pin = re.compile(r"^([\w.-]+==\S+)", re.MULTILINE)
    run = set(pin.findall((ROOT / "requirements.lock").read_text()))
    assert run
    assert run <= set(pin.findall((ROOT / "requirements-dev.lock").read_text()))
