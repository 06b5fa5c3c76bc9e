"""Ports of this machine: found free, or checked to be free."""

import socket
from contextlib import ExitStack

from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.plan import HOST, Ports


def choose_ports(base: int) -> Ports:
    """Four ports from `base` on, in the order simulator, market, scan, control; any free ones for 0.

    Raises:
        SupervisorError: One of them is in use.
    """
    with ExitStack() as held:
        if base == 0:
            tws, market, scan, control = (_bound(held, 0) for _ in range(4))
        else:
            tws, market, scan, control = (_bound(held, base + i) for i in range(4))
        return Ports(tws, market, scan, control)


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
