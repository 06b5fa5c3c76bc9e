"""One child process: started on a leash, logged to a file, ended for certain."""

import asyncio
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from spreadmesh_client.supervisor.plan import Child

LEASH: Final = Path(__file__).with_name("leash.py")
LAST_LINES: Final = 15


class ChildProcess:
    """A running child. In a session of its own, so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = child.module
        self.log = log
        self._process = process

    @classmethod
    async def start(cls, child: Child, logs: Path) -> Self:
        """Start it; its output goes to `<logs>/<module>.log`."""
        log = logs / f"{child.module}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the folder of the leash is no place to import from
                str(LEASH),
                child.module,
                *child.arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=os.environ | child.environment,
                start_new_session=True,
            )
        return cls(child, process, log)

    def __repr__(self) -> str:
        state = "running" if self._process.returncode is None else f"ended {self._process.returncode}"
        return f"<ChildProcess {self.name} {self.pid} {state}>"

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    async def wait(self) -> str:
        """Wait for its end and say how it ended."""
        status = await self._process.wait()
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    async def end(self, grace_seconds: float) -> None:
        """SIGTERM, and SIGKILL to it and whatever it started where that takes longer than the grace."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
        try:
            async with asyncio.timeout(grace_seconds):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self._process.wait()

    def last_lines(self) -> list[str]:
        """The end of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return [line.rstrip() for line in deque(lines, LAST_LINES)]
