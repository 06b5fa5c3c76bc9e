"""Ports of this machine: found free, or checked to be free."""

import socket
from contextlib import ExitStack
from dataclasses import fields

from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.plan import HOST, Ports


def choose_ports(base: int) -> Ports:
    """Ports from `base` on, in the order of `Ports`; any free ones for 0.

    Raises:
        SupervisorError: One of them is in use.
    """
    with ExitStack() as held:
        return Ports(*(_bound(held, base and base + i) for i in range(len(fields(Ports)))))


def _bound(held: ExitStack, port: int) -> int:
    listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        raise SupervisorError(
            f"port {port} cannot be used ({error.strerror}): "
            "is a mesh running already? --port-base takes others, 0 any free ones"
        ) from None
    taken: int = listener.getsockname()[1]
    return taken
