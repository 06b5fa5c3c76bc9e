"""What no file may hold, and how long a file may be."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHES = {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "__pycache__"}
NOT_OURS = CACHES | {".git", ".venv", ".tools", "build", "dist", "node_modules", "target"}
LONGEST = 300
GENERATED = {"stubs", "tools/go.sum"}

# In two parts, so that this file does not find itself.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "proxy.golang" + ".org",
    "sum.golang" + ".org",
]
REGISTRIES += [
    "repo1.maven" + ".org",
    "repo.maven" + ".apache",
    "static.crates" + ".io",
    "index.crates" + ".io",
]
MACHINE = re.compile(
    r"(?<![\w.-])/(?:work|root)" + r"/\w|/home/(?!nonroot|spreadmesh)\w+/|[A-Z]:\\" + r"Users"
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def files() -> Iterator[Path]:
    for folder, names, entries in os.walk(ROOT):
        names[:] = [name for name in names if name not in NOT_OURS and not name.endswith(".egg-info")]
        yield from (Path(folder) / entry for entry in entries)


def texts() -> dict[str, str]:
    found = {}
    for path in files():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures and recordings
    return found


@pytest.fixture(scope="module")
def tree() -> dict[str, str]:
    found = texts()
    assert "pyproject.toml" in found
    assert len(found) > 50
    return found


def test_no_registry_is_named(tree: dict[str, str]) -> None:
    assert [(name, host) for name, text in tree.items() for host in REGISTRIES if host in text] == []


def test_no_path_of_one_machine(tree: dict[str, str]) -> None:
    assert [(name, match[0]) for name, text in tree.items() for match in MACHINE.finditer(text)] == []


def test_nothing_is_left_to_do(tree: dict[str, str]) -> None:
    sources = {name: text for name, text in tree.items() if name.endswith((".py", ".proto", ".md", ".sh"))}
    assert [(name, match[0]) for name, text in sources.items() for match in UNFINISHED.finditer(text)] == []


def test_files_are_short(tree: dict[str, str]) -> None:
    written = {
        name: text.count("\n")
        for name, text in tree.items()
        if name.endswith((".py", ".proto", ".go", ".ts", ".java", ".rs"))
        and not any(name == generated or name.startswith(generated + "/") for generated in GENERATED)
    }
    assert {name: lines for name, lines in written.items() if lines >= LONGEST} == {}


def test_text_ends_with_one_newline_and_has_no_tabs_in_python(tree: dict[str, str]) -> None:
    sources = {
        name: text for name, text in tree.items() if text and name.endswith((".py", ".proto", ".md", ".toml"))
    }
    sources = {name: text for name, text in sources.items() if not name.startswith("stubs/")}
    assert [name for name, text in sources.items() if not text.endswith("\n") or text.endswith("\n\n")] == []
    assert [name for name, text in sources.items() if name.endswith(".py") and "\t" in text] == []
