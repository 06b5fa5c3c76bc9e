"""Starting a server with everything every server has, and stopping it without hurting its callers."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc

from mesh import health as health_service
from mesh.access.authentication import authentication_of
from mesh.admission.load_shedder import LoadShedder
from mesh.admission.loop_delay import sampling_loop_delay
from mesh.admission.misnamed import misnamed_methods
from mesh.drain import Drain
from mesh.health import Health
from mesh.health_port import serving_health
from mesh.interceptors.chain import server_interceptor
from mesh.listening import join_address, listen
from mesh.logging import get_logger
from mesh.reflection import register_reflection
from mesh.server_options import server_options
from mesh.settings import MeshSettings
from mesh.tls.server import server_credentials

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS: Final = 20.0
FAREWELL_SECONDS: Final = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Service:
    """A servicer to serve: its full name and the generated function that adds it, bound to the servicer."""

    name: str
    register: Callable[[grpc.aio.Server], None]


class RunningServer:
    """A server that accepts calls."""

    def __init__(
        self,
        server: grpc.aio.Server,
        *,
        host: str,
        port: int,
        drain: Drain,
        health: Health,
        drain_seconds: float,
    ) -> None:
        self.host = host
        self.port = port
        self._server = server
        self._drain = drain
        self._health = health
        self._drain_seconds = drain_seconds
        self._stop_asked = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def address(self) -> str:
        """`host:port`, with the port that was really bound."""
        return join_address(self.host, self.port)

    def ask_to_stop(self) -> None:
        """What a signal does: the first time begin to stop, the second time cut the waits short."""
        if self._stop_asked.is_set():
            self._hurry.set()
        self._stop_asked.set()

    async def until_asked_to_stop(self) -> None:
        """Serve until SIGTERM, SIGINT or `ask_to_stop`."""
        await self._stop_asked.wait()

    async def stop(self) -> None:
        """NOT_SERVING, a wait for load balancers to see it, the end of the streams, then of the server.

        Takes at most `STOP_SECONDS`; unary calls may finish within it.
        """
        log.info("draining", open_streams=self._drain.open_streams)
        with suppress(TimeoutError):  # a watcher that does not read must not hold up the stop
            await asyncio.wait_for(self._health.drain(), FAREWELL_SECONDS)
        await self._unless_hurried(self._hurry.wait(), self._drain_seconds)
        self._drain.begin()
        await self._unless_hurried(self._drain.until_idle(), FAREWELL_SECONDS)
        self._drain.end()
        grace = STOP_SECONDS - self._drain_seconds - 3 * FAREWELL_SECONDS
        await self._server.stop(0 if self._hurry.is_set() else grace)
        log.info("stopped")

    async def _unless_hurried(self, wait: Coroutine[Any, Any, Any], seconds: float) -> None:
        if self._hurry.is_set():
            seconds = 0
        with suppress(TimeoutError):
            await asyncio.wait_for(wait, seconds)


@asynccontextmanager
async def serving(
    settings: MeshSettings,
    services: Sequence[Service],
    *,
    drain: Drain | None = None,
    health: Health | None = None,
) -> AsyncIterator[RunningServer]:
    """Serve inside the block, and stop gracefully at its end.

    SIGTERM and SIGINT ask it to stop from the moment it accepts calls until it has stopped.

    Args:
        settings: Address, connection age, length of the drain, and what the server takes on.
        services: What to serve, beside health and reflection.
        drain: Given where servicers watch it.
        health: Given where someone pushes to it; otherwise all services are healthy until the drain.

    Raises:
        OSError: An address cannot be listened on (EADDRINUSE), or a file of the settings can't be read.
        ValueError: A file of the settings can't be used.
    """
    drain, health = drain or Drain(), health or Health()
    shedder = LoadShedder(settings.call_priorities, settings.call_limits, settings.shed_delay_seconds)
    authentication = authentication_of(settings)
    interceptor = server_interceptor(drain, settings, shedder, authentication)
    server = grpc.aio.server(interceptors=[interceptor], options=server_options(settings))
    names = [service.name for service in services]
    for service in services:
        service.register(server)
    await health.register(server, names)
    register_reflection(server, [*names, health_service.SERVICE_NAME])
    port = listen(server, join_address(settings.host, settings.port), server_credentials(settings))
    running = RunningServer(
        server,
        host=settings.host,
        port=port,
        drain=drain,
        health=health,
        drain_seconds=settings.drain_seconds,
    )
    async with authentication.kept_fresh(), serving_health(settings, health):
        with _on_signals(running.ask_to_stop), sampling_loop_delay(shedder.observe):
            await server.start()
            _tell(running, settings, names)
            try:
                yield running
            finally:
                await running.stop()


def _tell(running: RunningServer, settings: MeshSettings, names: Sequence[str]) -> None:
    log.info("serving", address=running.address, services=names)
    if settings.is_open_to_all:
        log.warning("everybody may call", role=settings.anonymous_role.name.lower())
    if settings.is_readable_by_all:
        log.warning("nothing encrypts here what is said to other machines")
    for pattern in misnamed_methods(settings, names):
        log.warning("a limit names no method", entry=pattern)


@contextmanager
def _on_signals(react: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, react)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
