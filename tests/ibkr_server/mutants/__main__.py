"""`python -m tests.ibkr_server.mutants`: break each invariant on purpose; status 1 where no test notices."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.ibkr_server.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[3]
TESTS_FAILED = 1
SECONDS = 120


def main() -> int:
    """One line for each mutant."""
    survivors = 0
    for mutant in MUTANTS:
        caught = is_caught(mutant)
        survivors += not caught
        print(f"{'caught' if caught else 'SURVIVED':8} {mutant.invariant:2} {mutant.does}", flush=True)
    return int(survivors > 0)


def is_caught(mutant: Mutant) -> bool:
    """Whether its test fails, where it passes with the server as it is.

    Raises:
        AssertionError: The test fails without the mutant.
    """
    assert _status(mutant, mutated=False) == 0, f"{mutant.test} fails by itself"
    return _status(mutant, mutated=True) == TESTS_FAILED


def _status(mutant: Mutant, *, mutated: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "ibkr_server", Path(folder, "ibkr_server"))
        if mutated:
            file = Path(folder, mutant.file)
            file.write_text(file.read_text().replace(mutant.old, mutant.new))
        path = f"pythonpath={folder} {ROOT}"
        command = [
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-qx",
            "-p",
            "no:cacheprovider",
            "-o",
            path,
            mutant.test,
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=SECONDS, check=False)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
