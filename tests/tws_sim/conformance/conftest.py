import subprocess
import sys
from pathlib import Path

import pytest

VENVS = Path(__file__).parents[3] / ".tools" / "venvs"
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


@pytest.fixture(scope="session", params=["ib_insync", "ib_async", "ibapi"])
def client_command(request: pytest.FixtureRequest) -> list[str]:
    """The command that runs one unmodified client library against a gateway."""
    library: str = request.param
    folder = Path(__file__).parent
    script = folder / ("ibapi_client.py" if library == "ibapi" else "asyncio_client.py")
    return [str(interpreter(library)), str(script), *([library] if library != "ibapi" else [])]
