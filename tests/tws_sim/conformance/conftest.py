import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / ".tools"
VENVS = TOOLS / "venvs"
PINNED = {"ib_async": "ib_async==2.1.0", "ibapi": "ibapi==9.81.1.post1"}


def interpreter(library: str) -> Path:
    """Python with one client library; those that clash with the project's have their own environments."""
    if library not in PINNED:
        return Path(sys.executable)
    python = VENVS / library / "bin" / "python"
    ready = VENVS / library / "installed"
    wanted = PINNED[library]
    if not ready.exists() or ready.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENVS / library], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True)
        ready.write_text(wanted)
    return python


def node_command(folder: Path) -> list[str]:
    """The outside tools' Node with a folder's client, its library installed as the lock file says."""
    installed, locks = TOOLS / "npm-conformance", ("package.json", "package-lock.json")
    node, ready = TOOLS / "bin" / "node", TOOLS / "npm-conformance" / "installed"
    pinned = Path(__file__).parent / "node"
    wanted = "".join((pinned / name).read_text() for name in locks)
    if not ready.exists() or ready.read_text() != wanted:
        installed.mkdir(parents=True, exist_ok=True)
        for name in locks:
            shutil.copy(pinned / name, installed / name)
        npm = node.resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run([node, npm, "ci", "--cache", TOOLS / "cache/npm", *options], cwd=installed, check=True)
        ready.write_text(wanted)
    return [str(node), str(folder / "client.cjs"), str(installed / "node_modules")]


LIBRARIES = ["ib_insync", "ib_async", "ibapi", pytest.param("@stoqey/ib", marks=pytest.mark.tools)]


def command(library: str, folder: Path, scripts: tuple[str, str]) -> list[str]:
    """What runs one unmodified client library: scripts are for the asyncio libraries, and for ibapi."""
    if library == "@stoqey/ib":
        return node_command(folder)
    script = Path(__file__).parent / scripts[library == "ibapi"]
    return [str(interpreter(library)), str(script), *([library] if library != "ibapi" else [])]


@pytest.fixture(scope="session", params=LIBRARIES)
def client_command(request: pytest.FixtureRequest) -> list[str]:
    """The command of a client that reads."""
    folder = Path(__file__).parent / "node"
    return command(request.param, folder, ("asyncio_client.py", "ibapi_client.py"))


@pytest.fixture(scope="session", params=LIBRARIES[:-1])
def order_command(request: pytest.FixtureRequest) -> list[str]:
    """The command of a client that trades; of one without outside tools unless a test asks for it."""
    folder = Path(__file__).parent / "orders"
    return command(request.param, folder, ("orders/asyncio_orders.py", "orders/ibapi_orders.py"))
