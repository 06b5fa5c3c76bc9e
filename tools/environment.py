"""Set up a virtual environment from a lock file: python3 tools/environment.py DIRECTORY LOCK [--editable].

Needs nothing but Python. A mark lies in the directory while pip is at work: an environment whose set-up was
interrupted is thrown away by the next run, never trusted.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def create(directory: Path) -> None:
    """Make an environment with pip in it, also where Debian has left ensurepip out but pip is there."""
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not has_ensurepip and importlib.util.find_spec("pip") is None:
        sys.exit("This Python has neither ensurepip nor pip: on Debian and Ubuntu, install python3-venv.")
    venv.create(directory, symlinks=True, with_pip=has_ensurepip)
    if not has_ensurepip:
        run(sys.executable, "-m", "pip", "--python", str(directory / "bin" / "python"), "install", "pip")


def run(*command: str) -> None:
    """Run a command; its failure is ours."""
    if status := subprocess.run(command, check=False).returncode:  # noqa: S603 - only the commands below
        sys.exit(status)


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("lock")
    parser.add_argument("--editable", action="store_true", help="also install this project, in place")
    options = parser.parse_args()

    unfinished = options.directory / ".unfinished"
    python = options.directory / "bin" / "python"
    if unfinished.exists() or not python.exists():
        shutil.rmtree(options.directory, ignore_errors=True)
    options.directory.mkdir(parents=True, exist_ok=True)
    unfinished.touch()
    if not python.exists():
        create(options.directory)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    run(*pip, "install", "--no-deps", "--require-hashes", "--requirement", options.lock)  # a lock names all
    if options.editable:
        run(*pip, "install", "--no-deps", "--editable", ".")
    unfinished.unlink()


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - it speaks to whoever runs it with an older one
        sys.exit("Python 3.11 or newer, please: make PYTHON=/path/to/python3.13")
    main()
