"""Servers of the mesh as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICES: Final = {
    "ibkr_server": "spreadmesh.market.v1.MarketDataService",
    "scanner_server": "spreadmesh.scan.v1.ScanService",
}


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServerProcess:
    """`python -m module` on a port that it keeps; ends with the block, which checks that it ended well.

    It has an order journal of its own, which outlives `stop` and `kill` and goes with the block. Its log goes
    to `log` where one is given.
    """

    module: str
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    log: Path | None = None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def start(self) -> None:
        """Start it, again after `stop` or `kill`."""
        defaults = {"DRAIN_SECONDS": "0", "LOG_LEVEL": "ERROR", "VOLATILITY_FILE": ""}
        defaults["JOURNAL"] = f"{self.folder.name}/orders.db"
        environment = os.environ | defaults | self.settings | {"HOST": self.host, "PORT": str(self.port)}
        with ExitStack() as files:
            log = None if self.log is None else files.enter_context(self.log.open("a"))
            self.process = subprocess.Popen([sys.executable, "-m", self.module], env=environment, stderr=log)

    def until_serving(self, seconds: float = 20.0) -> None:
        """Wait until it can be used."""
        port = self.settings.get("HEALTH_PORT", self.port)  # by TLS there is no other way in plaintext
        with grpc.insecure_channel(f"{self.host}:{port}") as channel:
            grpc.channel_ready_future(channel).result(seconds)
            request = health_pb2.HealthCheckRequest(service=SERVICES[self.module])
            for answer in health_pb2_grpc.HealthStub(channel).Watch(request, timeout=seconds):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return

    def stop(self) -> None:
        """SIGTERM, and its end, which has to be a good one."""
        self.process.terminate()
        assert self.process.wait(25) == 0

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        assert self.process.wait(10) == -signal.SIGKILL

    def __enter__(self) -> Self:
        self.folder = TemporaryDirectory(prefix="spreadmesh-")
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with self.folder:
            if self.process.returncode is None:
                self.stop()
