"""Health per service, pushed by whoever knows it; `""` is the process as a whole."""

from collections.abc import Iterable
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

OVERALL: Final = ""
SERVICE_NAME: Final = "grpc.health.v1.Health"
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Health:
    """The answers of `grpc.health.v1.Health`: ready for calls or not, which is not the same as alive."""

    def __init__(self) -> None:
        self._servicer = health_aio.HealthServicer()
        self._pushed = {OVERALL}

    async def set(self, service_name: str, serving: bool) -> None:
        """Publish whether a service may be called; watchers are told. Ignored once the server drains."""
        self._pushed.add(service_name)
        await self._servicer.set(service_name, _SERVING if serving else _NOT_SERVING)

    async def drain(self) -> None:
        """Answer NOT_SERVING for everything, for good."""
        await self._servicer.enter_graceful_shutdown()

    async def register(self, server: grpc.aio.Server, service_names: Iterable[str]) -> None:
        """Add the health service to a server; services that nobody has `set` yet begin as serving."""
        for name in service_names:
            if name not in self._pushed:
                await self.set(name, serving=True)
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)
