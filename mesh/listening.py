"""Taking a port for a server of grpc."""

import errno

import grpc


def listen(server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None = None) -> int:
    """Listen on `host:port`, by TLS where there are credentials; the port that was really bound.

    Raises:
        OSError: The address cannot be listened on (EADDRINUSE).
    """
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError:
        text = f"cannot listen on {address}: the port is in use or the address is not of this machine"
        raise OSError(errno.EADDRINUSE, text) from None


def join_address(host: str, port: int) -> str:
    """`host:port`, with brackets around IPv6."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
