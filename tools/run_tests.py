"""Runs all tests in three processes side by side: those of whole meshes mostly wait, the others compute.

What the later ones print comes behind the first one's output. Exit status 1 where any fails.
"""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import Final

ALONE: Final = "not cluster and not images and not soak and not tools"
PYTEST: Final = [sys.executable, "-m", "pytest", "-m", ALONE]
WHOLE_MESHES: Final = ("tests/e2e", "tests/clients")
OTHERS: Final = [f"--ignore={folder}" for folder in WHOLE_MESHES]


def main() -> int:
    """Run all to their ends, also where one fails."""
    shown, *rest = [*PYTEST, WHOLE_MESHES[0]], [*PYTEST, WHOLE_MESHES[1]], [*PYTEST, *OTHERS]
    with ExitStack() as stack:
        beside = []
        for command in rest:
            output = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - our own tests
            stack.callback(process.kill)
            beside.append((process, output))
        statuses = [subprocess.run(shown, check=False).returncode]  # noqa: S603 - likewise
        for process, output in beside:
            statuses.append(process.wait())
            output.seek(0)
            sys.stdout.write(output.read().decode(errors="replace"))
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main())
