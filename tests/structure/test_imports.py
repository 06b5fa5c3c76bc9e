"""Who may import whom, read from the syntax trees: docs/architecture.md in executable form."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "stubs": ROOT / "stubs/python/spreadmesh",
    "mesh": ROOT / "mesh",
    "ibkr_server": ROOT / "ibkr_server",
    "scanner_server": ROOT / "scanner_server",
    "tws_sim": ROOT / "tws_sim",
    "spreadmesh_client": ROOT / "clients/python/spreadmesh_client",
}
OURS = {"spreadmesh", "tests", "bench", "tools", *FOLDERS} - {"stubs"}
MAY_IMPORT = {
    "stubs": {"spreadmesh"},
    "mesh": {"mesh", "spreadmesh.common"},
    "ibkr_server": {"ibkr_server", "mesh", "spreadmesh"},
    "scanner_server": {"scanner_server", "mesh", "spreadmesh"},
    "tws_sim": {"tws_sim"},
    "spreadmesh_client": {"spreadmesh_client", "mesh", "spreadmesh"},
}
PURE = {
    "ibkr_server": [
        "account/position.py",
        "chain/contracts.py",
        "chain/expiration.py",
        "chain/facts.py",
        "gateway/figures.py",
        "gateway/order_times.py",
        "gateway/recent.py",
        "gateway/state.py",
        "gateway/subscriptions.py",
        "gateway/window.py",
        "history/bars.py",
        "history/pacing.py",
        "journal/audit.py",
        "journal/entry.py",
        "journal/errors.py",
        "lines/lease.py",
        "lines/lease_book.py",
        "lines/turns.py",
        "orders",
        "risk/candidate.py",
        "risk/collar.py",
        "risk/contract_checks.py",
        "risk/judgement.py",
        "risk/limits.py",
        "risk/max_loss.py",
        "risk/prices.py",
        "risk/recent.py",
        "risk/rules.py",
        "risk/stakes.py",
        "risk/ticks.py",
    ],
    "scanner_server": [
        "book",
        "columns.py",
        "figures",
        "filters",
        "legs",
        "pricing",
        "ranking",
        "score",
        "strategies",
        "surface",
        "universe/merge.py",
        "universe/symbols.py",
        "volatility/standing.py",
    ],
}
INPUT_OUTPUT = {
    "asyncio",
    "grpc",
    "ib_async",
    "ib_insync",
    "mesh",
    "socket",
    "spreadmesh",
    "sqlite3",
    "threading",
}
KNOWS_IB = {
    "the session": {"gateway/session.py", "gateway/wire.py"},
    "the translation": {"translation.py"},
    "the orders": {"gateway/order_translation.py", "gateway/order_reports.py"},
}


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports hide directions"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def violations(files: list[Path], forbidden: Callable[[str], bool]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}: {name}" for file in files for name in imports(file) if forbidden(name)
    ]


def python_files(path: Path) -> list[Path]:
    files = [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    assert files, f"{path} holds no Python"
    assert all(file.is_file() for file in files), f"{path} is not there"
    return files


@pytest.mark.parametrize("room", FOLDERS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    allowed = MAY_IMPORT[room]

    def forbidden(name: str) -> bool:
        package = name in {known.rpartition(".")[0] for known in allowed}  # `from spreadmesh import common`
        return name.partition(".")[0] in OURS and not within(name, allowed) and not package

    assert violations(python_files(FOLDERS[room]), forbidden) == []


@pytest.mark.parametrize("room", PURE)
def test_pure_code_knows_no_input_and_output(room: str) -> None:
    pure = [FOLDERS[room] / name for name in PURE[room]]
    modules = {".".join((room, *path.relative_to(FOLDERS[room]).with_suffix("").parts)) for path in pure}

    def forbidden(name: str) -> bool:
        stateful = name.startswith(room + ".") and not within(name, modules)
        return within(name, INPUT_OUTPUT) or stateful

    assert violations([file for path in pure for file in python_files(path)], forbidden) == []


@pytest.mark.parametrize("room", ["ibkr_server", "scanner_server"])
def test_only_the_start_of_a_server_imports_its_servicers(room: str) -> None:
    outside = [file for file in python_files(FOLDERS[room]) if "rpc" not in file.relative_to(ROOT).parts]
    importers = {file.name for file in outside for name in imports(file) if within(name, {f"{room}.rpc"})}
    assert importers <= {"__main__.py", "app.py", "serve.py"}


def test_three_places_know_ib_insync() -> None:
    files = [file for folder in FOLDERS.values() for file in python_files(folder)]
    knowing = {
        file.relative_to(ROOT).as_posix()
        for file in files
        for name in imports(file)
        if within(name, {"ib_insync", "ib_async", "eventkit"})
    }
    assert knowing == {f"ibkr_server/{name}" for place in KNOWS_IB.values() for name in place}


def test_nothing_of_ours_hides_a_standard_module() -> None:
    names = {path.stem for folder in FOLDERS.values() for path in folder.glob("*.py")}
    packages = OURS & set(sys.stdlib_module_names)
    assert names, "no module was read"
    assert packages == set()
