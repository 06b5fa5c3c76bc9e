"""Health in plaintext on a port of its own, for probes that have no certificate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from mesh.health import Health
from mesh.listening import join_address, listen
from mesh.logging import get_logger
from mesh.server_options import server_options
from mesh.settings import MeshSettings

log = get_logger(__name__)


@asynccontextmanager
async def serving_health(settings: MeshSettings, health: Health) -> AsyncIterator[None]:
    """Answer `grpc.health.v1.Health` on HEALTH_PORT inside the block, and nothing else; 0 opens no port.

    Raises:
        OSError: The port cannot be listened on (EADDRINUSE).
    """
    if settings.health_port == 0:
        yield
        return
    server = grpc.aio.server(options=server_options(settings))
    await health.register(server, ())
    address = join_address(settings.host, settings.health_port)
    listen(server, address)
    await server.start()
    log.info("serving health in plaintext", address=address)
    try:
        yield
    finally:
        await server.stop(0)
