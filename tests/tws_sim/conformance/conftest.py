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
    """Node with its client library, installed as the lock file says, by the Node of the outside tools."""
    installed, locks = TOOLS / "npm-conformance", ("package.json", "package-lock.json")
    node, ready = TOOLS / "bin" / "node", TOOLS / "npm-conformance" / "installed"
    wanted = "".join((folder / name).read_text() for name in locks)
    if not ready.exists() or ready.read_text() != wanted:
        installed.mkdir(parents=True, exist_ok=True)
        for name in locks:
            shutil.copy(folder / name, installed / name)
        npm = node.resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run([node, npm, "ci", "--cache", TOOLS / "cache/npm", *options], cwd=installed, check=True)
        ready.write_text(wanted)
    return [str(node), str(folder / "client.cjs"), str(installed / "node_modules")]


LIBRARIES = ["ib_insync", "ib_async", "ibapi", pytest.param("@stoqey/ib", marks=pytest.mark.tools)]


@pytest.fixture(scope="session", params=LIBRARIES)
def client_command(request: pytest.FixtureRequest) -> list[str]:
    """The command that runs one unmodified client library against a gateway."""
    library: str = request.param
    folder = Path(__file__).parent
    if library == "@stoqey/ib":
        return node_command(folder / "node")
    script = folder / ("ibapi_client.py" if library == "ibapi" else "asyncio_client.py")
    return [str(interpreter(library)), str(script), *([library] if library != "ibapi" else [])]
