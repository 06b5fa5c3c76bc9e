"""The TWS port, which can be shut for a while without losing its number to another process."""

import asyncio
import socket
from collections.abc import Callable


class Listener:
    """One listening socket. While shut, the port stays bound and refuses every connection."""

    def __init__(self) -> None:
        self._accept: Callable[[], asyncio.Protocol] | None = None
        self._socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._shut = 0

    async def start(self, accept: Callable[[], asyncio.Protocol], host: str, port: int) -> None:
        """Listen, with one protocol of ``accept`` per connection.

        Raises:
            OSError: the address cannot be bound.
        """
        self._accept = accept
        self._socket = _bound(host, port)
        await self._listen()

    @property
    def address(self) -> str:
        """``host:port``."""
        return "{}:{}".format(*self._bound_socket.getsockname()[:2])

    @property
    def _bound_socket(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the port has not been opened")
        return self._socket

    async def _listen(self) -> None:
        if self._accept is not None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._accept, sock=self._bound_socket)

    def shut(self) -> None:
        """Refuse connections until :meth:`reopen` has been called as often as this."""
        self._shut += 1
        if self._shut == 1:
            self._move(self._bound_socket.getsockname()[1])

    async def reopen(self) -> None:
        """Accept connections again, unless somebody else still keeps the port shut."""
        self._shut -= 1
        if not self._shut:
            await self._listen()

    async def move(self, port: int) -> None:
        """Listen on another port.

        Raises:
            OSError: the port cannot be bound; the old one goes on.
        """
        self._move(port)
        if not self._shut:
            await self._listen()

    def _move(self, port: int) -> None:
        host = self._bound_socket.getsockname()[0]
        found = _bound(host, port) if port != self._bound_socket.getsockname()[1] else None
        self.stop()
        self._socket = found or _bound(host, port)

    def stop(self) -> None:
        """Close the socket; connections that stand are not touched."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._bound_socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
