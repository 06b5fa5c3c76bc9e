"""`python -m mesh.probe HOST:PORT [SERVICE]`: exit status 0 if a server says SERVING, else 1 and one line.

For health checks of containers, where no other program is at hand. Without a service it asks for the process.
"""

import argparse
import sys
from typing import Final

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

SECONDS: Final = 3.0


def status_of(address: str, service: str) -> str:
    """What `grpc.health.v1.Health` at `address`, a plaintext port, answers: `SERVING`, or why it does not."""
    with grpc.insecure_channel(address) as channel:
        try:
            answer = HealthStub(channel).Check(HealthCheckRequest(service=service), timeout=SECONDS)
        except grpc.RpcError as error:
            return f"{error.code().name}: {error.details()}"
    name: str = HealthCheckResponse.ServingStatus.Name(answer.status)
    return name


def main() -> int:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", metavar="HOST:PORT")
    parser.add_argument("service", nargs="?", default="")
    asked = parser.parse_args()
    status = status_of(asked.address, asked.service)
    if status == "SERVING":
        return 0
    print(f"{asked.service or asked.address}: {status}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
