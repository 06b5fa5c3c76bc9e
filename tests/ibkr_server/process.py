"""ibkr_server as a process of its own."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICE = "spreadmesh.market.v1.MarketDataService"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class IbkrServerProcess:
    """`python -m ibkr_server` on a gateway's port; ends with the block, which checks that it ended well."""

    tws_port: int
    settings: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        defaults = {"DRAIN_SECONDS": "0", "LOG_LEVEL": "ERROR", "LINE_LINGER_SECONDS": "0"}
        own = {"PORT": str(port), "TWS_PORT": str(self.tws_port)}
        environment = os.environ | defaults | self.settings | own
        self.process = subprocess.Popen([sys.executable, "-m", "ibkr_server"], env=environment)
        return self

    def until_serving(self, seconds: float = 20.0) -> None:
        """Wait until the gateway is there and has told its time."""
        with grpc.insecure_channel(self.address) as channel:
            grpc.channel_ready_future(channel).result(seconds)
            request = health_pb2.HealthCheckRequest(service=SERVICE)
            for answer in health_pb2_grpc.HealthStub(channel).Watch(request, timeout=seconds):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        assert self.process.wait(25) == 0
