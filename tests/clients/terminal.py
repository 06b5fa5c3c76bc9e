"""A command on a pseudo-terminal, as a person runs it."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path


class Terminal:
    """A command on a pseudo-terminal of 160 columns."""

    def __init__(self, state_dir: Path, *arguments: str) -> None:
        self.screen = ""
        self._own, theirs = pty.openpty()
        size = {"COLUMNS": "160", "LINES": "45", "TERM": "xterm", "SPREADMESH_STATE_DIR": str(state_dir)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from spreadmesh_client.cli import main; main()", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | size,
            start_new_session=True,
        )
        os.close(theirs)

    def read_until(self, *texts: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not all(text in self.screen for text in texts):
            assert time.monotonic() < deadline, self.screen[-2000:]
            self._read(0.2)

    @property
    def keyboard(self) -> int:
        """The file to type into."""
        return self._own

    def wait(self, seconds: float = 20) -> int:
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "still running"
            self._read(0.1)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.wait()
        os.close(self._own)

    def _read(self, seconds: float) -> None:
        if select.select([self._own], [], [], seconds)[0]:
            try:
                self.screen += os.read(self._own, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                time.sleep(0.05)
