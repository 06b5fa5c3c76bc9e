"""Warming leaves nothing to compile: the first scan of a server is as quick as the next."""

import subprocess
import sys


def test_warming_leaves_nothing_to_compile() -> None:
    command = [sys.executable, "-m", "tests.scanner_server.after_warming"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
