"""Podman, as the tests of the images need it."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PYTHON: Final = "/opt/spreadmesh/bin/python"
# As compose.yaml runs them.
HARDENED: Final = [
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--tmpfs=/tmp:size=256m,mode=1777",
]


def podman(*arguments: str, seconds: float = 60, check: bool = True) -> str:
    """What a command prints; a failure is told with what it said."""
    done = subprocess.run(
        ["podman", *arguments], check=False, capture_output=True, text=True, timeout=seconds
    )
    assert not check or done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout.strip()


def image_name(target: str) -> str:
    return f"localhost/spreadmesh/{target}:latest"


def inspected(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(podman("inspect", "--type", kind, name))[0]
    return found


def until(done: str, seconds: float, ready: Any) -> None:
    """Ask until it is so; the deadline is an error that names what was waited for."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{done}: not within {seconds} s"
        time.sleep(0.1)


@dataclass(frozen=True)
class Container:
    """A container that runs."""

    name: str

    def run(self, *command: str) -> str:
        """What a program inside prints."""
        return podman("exec", self.name, *command)

    def is_healthy(self) -> bool:
        """Whether the image's own health check passes, run now."""
        done = subprocess.run(["podman", "healthcheck", "run", self.name], check=False, capture_output=True)
        return done.returncode == 0

    def says_serving(self, port: int, service: str) -> bool:
        command = ["podman", "exec", self.name, PYTHON, "-m", "mesh.probe", f"127.0.0.1:{port}", service]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def start(self) -> None:
        podman("start", self.name)

    def stop(self) -> tuple[int, float]:
        """Exit status after SIGTERM, and how many seconds it took; 30 s is what it may take."""
        began = time.monotonic()
        podman("stop", "--time", "30", self.name)
        return self.exit_status(), time.monotonic() - began

    def is_running(self) -> bool:
        return bool(inspected("container", self.name)["State"]["Running"])

    def handles_sigterm(self) -> bool:
        """Whether its first process has a handler, as the kernel tells."""
        status = Path(f"/proc/{inspected('container', self.name)['State']['Pid']}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        return bool(caught >> (signal.SIGTERM - 1) & 1)

    def exit_status(self) -> int:
        return int(inspected("container", self.name)["State"]["ExitCode"])

    def log(self) -> str:
        done = subprocess.run(["podman", "logs", self.name], check=False, capture_output=True, text=True)
        return done.stdout + done.stderr


@contextmanager
def running(
    target: str,
    name: str,
    *command: str,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[Container]:
    """A container of an image, nothing writable but /tmp and what `options` mount; gone after the block."""
    variables = [f"--env={key}={value}" for key, value in (environment or {}).items()]
    podman("run", "--detach", "--name", name, *HARDENED, *variables, *options, image_name(target), *command)
    container = Container(name)
    try:
        yield container
    except BaseException:  # also a time-out: a container says why before it is gone
        print(f"---- {name}\n{container.log()}")
        raise
    finally:
        podman("rm", "--force", "--time", "0", name)
