"""Runs all tests in two processes side by side: those of whole meshes mostly wait, the others compute.

What the second one prints comes behind the first one's output. Exit status 1 where either fails.
"""

import subprocess
import sys
import tempfile
from typing import Final

ALONE: Final = "not cluster and not images and not soak and not tools"
PYTEST: Final = [sys.executable, "-m", "pytest", "-m", ALONE]
WHOLE_MESHES: Final = ["tests/clients", "tests/e2e"]


def main() -> int:
    """Run both to their ends, also where one fails."""
    others = [f"--ignore={folder}" for folder in WHOLE_MESHES]
    with tempfile.TemporaryFile() as output:
        computing = subprocess.Popen(  # noqa: S603 - our own tests
            [*PYTEST, *others], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            meshes = subprocess.run([*PYTEST, *WHOLE_MESHES], check=False).returncode  # noqa: S603 - likewise
            rest = computing.wait()
        finally:
            computing.kill()
        output.seek(0)
        sys.stdout.write(output.read().decode(errors="replace"))
    return int(meshes != 0 or rest != 0)


if __name__ == "__main__":
    sys.exit(main())
