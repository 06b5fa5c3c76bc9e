"""Where the servers are: option, else environment, else the mesh that runs here, else the usual ports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from spreadmesh_client.supervisor.state import running_mesh, state_folder

DEFAULT_MARKET: Final = "127.0.0.1:7401"
DEFAULT_SCAN: Final = "127.0.0.1:7402"


@dataclass(frozen=True)
class Addresses:
    """`host:port` of both servers, and where spans go if that is known."""

    market: str
    scan: str
    trace_dir: Path | None


def find_addresses(market: str | None, scan: str | None, state_dir: Path | None) -> Addresses:
    """The addresses to use; options and environment variables come in as `market` and `scan`."""
    found = running_mesh(state_folder(state_dir)) or {}
    trace_dir = found.get("trace_dir")
    return Addresses(
        market or found.get("market") or DEFAULT_MARKET,
        scan or found.get("scan") or DEFAULT_SCAN,
        Path(trace_dir) if trace_dir is not None else None,
    )
