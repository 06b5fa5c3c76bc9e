"""The name of a headless service: a name server that tells the addresses of those pods that are ready."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from socketserver import BaseRequestHandler, UDPServer
from threading import Thread
from typing import Any, Final

NAME: Final = "scanner.test"
_HEADER: Final = 12
_ANSWER: Final = 0x8400
"""An answer, from who knows (RFC 1035, 4.1.1)."""
_NAME_OF_THE_QUESTION: Final = 0xC00C
_ADDRESS: Final = 1
_INTERNET: Final = 1


class HeadlessService(UDPServer):
    """Pods on one port, each at an address of its own. `ready` is what the next question is answered with."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.ready: list[str] = []
        self._port = port

    @property
    def target(self) -> str:
        """What a client connects to."""
        return f"dns://127.0.0.1:{self.server_address[1]}/{NAME}:{self._port}"


class _Question(BaseRequestHandler):
    def handle(self) -> None:
        service: Any = self.server
        message, transport = self.request
        transport.sendto(answer(message, service.ready), self.client_address)


def answer(message: bytes, addresses: list[str]) -> bytes:
    """The addresses, where those of IPv4 are asked for; else none. They are not to be remembered."""
    end = message.index(b"\0", _HEADER) + 1
    (kind,) = struct.unpack_from("!H", message, end)
    told = addresses if kind == _ADDRESS else []
    header = message[:2] + struct.pack("!HHHHH", _ANSWER, 1, len(told), 0, 0)
    record = struct.pack("!HHHIH", _NAME_OF_THE_QUESTION, _ADDRESS, _INTERNET, 0, 4)
    records = (record + IPv4Address(address).packed for address in told)
    return header + message[_HEADER : end + 4] + b"".join(records)


@contextmanager
def headless_service(port: int) -> Iterator[HeadlessService]:
    """Answer questions inside the block."""
    with HeadlessService(port) as service:
        answering = Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05})
        answering.start()
        try:
            yield service
        finally:
            service.shutdown()
            answering.join()
