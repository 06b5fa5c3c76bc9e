"""What a local mesh needs beyond the bare install, which has only the client."""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Final

from spreadmesh_client.supervisor.errors import SupervisorError

OF_SERVERS: Final = ("exchange_calendars", "grpc_health", "numba", "numpy", "scipy")


def require_servers(modules: Iterable[str] = OF_SERVERS) -> None:
    """Check that the servers' dependencies are there.

    Raises:
        SupervisorError: Some are not.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise SupervisorError(
            f"simulator and servers need more than the client ({', '.join(missing)} not found): "
            "install spreadmesh[all]"
        )
