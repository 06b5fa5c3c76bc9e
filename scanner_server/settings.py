"""What scanner_server can be told, by environment variables of the same names in upper case."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator
from pydantic_settings import NoDecode

from mesh.access.client_settings import ClientAccessSettings
from mesh.settings import MeshSettings
from mesh.tls.settings import ClientTlsSettings, OptionalFile
from scanner_server.universe.file import Universes, read_universes


def _in_cache_folder() -> Path:
    """Of the user, or that of temporary files where there is no home."""
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(cache) if cache else Path.home() / ".cache"
    except RuntimeError:
        folder = Path(tempfile.gettempdir()) / f"user-{os.getuid()}"
    return folder / "spreadmesh" / "volatility.sqlite3"


def _universes(given: Universes | str) -> Universes:
    """Read the file that is named; lists are lists already."""
    return read_universes(Path(given)) if isinstance(given, str) else given


class ScannerSettings(MeshSettings, ClientTlsSettings, ClientAccessSettings):
    """Where the quotes come from and how much work a caller may ask for."""

    port: int = Field(default=7402, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    ibkr_server: str = Field(default="127.0.0.1:7401", min_length=1, description="Address of ibkr_server.")
    feed_credits: int = Field(default=8, ge=4, le=16, description="Batches that may be under way to us.")
    line_linger_seconds: float = Field(
        default=60.0, ge=0, description="How long contracts stay subscribed after their last scan has ended."
    )
    surface_interval: float = Field(
        default=0.25, gt=0, le=60, description="Seconds of this machine from one surface to the next."
    )
    surface_move: float = Field(
        default=0.0002,
        gt=0,
        le=1,
        description="Move of spot, as a fraction, that calls for one sooner.",
    )
    rate: float = Field(default=0.04, ge=-0.5, le=1, description="Interest rate per year, continuous.")
    dividend_yield: float = Field(
        default=0.0, ge=-0.5, le=1, description="Per year, continuous; used where parity gives no forward."
    )
    scan_threads: int = Field(default=2, ge=1, le=64, description="Threads that compute rankings.")
    max_concurrent_scans: int = Field(
        default=64, ge=1, description="Scans at once: calls, streams, and underlyings of universe scans."
    )
    max_waiting_scans: int = Field(
        default=64, ge=0, description="Calls and streams that may wait for a place."
    )
    scan_queue_seconds: float = Field(
        default=10.0, gt=0, le=300, description="Longest wait of a call or stream for a place."
    )
    max_candidates: int = Field(
        default=20_000_000, ge=1, description="Spreads, or groups of them, that one ranking may look at."
    )
    max_underlyings: int = Field(default=64, ge=1, description="Underlyings whose books are kept.")
    presets_file: OptionalFile = Field(
        default=None,
        description="SQLite file of saved presets, made if missing; without it, or empty, none can be saved.",
    )
    volatility_file: OptionalFile = Field(
        default_factory=_in_cache_folder,
        description="SQLite file of daily volatilities, made if missing; empty: none are kept.",
    )
    max_universe_jobs: int = Field(default=4, ge=1, le=64, description="Universe scans at once.")
    universes: Annotated[Universes, NoDecode, PlainValidator(_universes)] = Field(
        default={}, description='TOML file of lists of underlyings: `name = ["SYMBOL", …]`.'
    )
