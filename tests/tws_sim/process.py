"""The simulator as a process of its own."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

from tws_sim.control.client import ask


@dataclass
class SimulatorProcess:
    """``python -m tws_sim``; ends with the block, which checks that it ended well.

    A free port where the arguments name none.
    """

    arguments: list[str]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tws_sim", *self.arguments]
        listening = [] if "--port" in self.arguments else ["--port", "0"]
        self.process = subprocess.Popen(
            [*command, *listening, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.communicate()[1])
        self.addresses: dict[str, str] = json.loads(line)
        return self

    @property
    def port(self) -> int:
        return int(self.addresses["tws"].rpartition(":")[2])

    def counters(self) -> dict[str, dict[str, object]]:
        return ask(self.addresses["control"], command="counters")

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Signal the process; returns its exit code, what else it wrote to stdout, and stderr."""
        self.process.send_signal(number)
        rest, problems = self.process.communicate(timeout=10)
        return self.process.returncode, rest, problems

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            code, rest, problems = self.stop()
            assert (code, rest) == (0, "")
            assert "Traceback" not in problems, problems
