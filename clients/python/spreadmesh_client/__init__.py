"""Client of the mesh: option chains, quotes and ranked spreads as typed asyncio calls."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mesh.errors import MeshError
    from spreadmesh_client.connection import Client, connect
    from spreadmesh_client.market_data import MarketData, QuoteEvent
    from spreadmesh_client.orders import OrdersClient, TradingControl
    from spreadmesh_client.presets import Presets
    from spreadmesh_client.quote_stream import QuoteStream
    from spreadmesh_client.ranking import RankingUpdate
    from spreadmesh_client.scans import ScanEvent, Scans, ScanStream
    from spreadmesh_client.streams import StreamLimits
    from spreadmesh_client.universe import Universes, UniverseUpdate

__all__ = [
    "Client",
    "MarketData",
    "MeshError",
    "OrdersClient",
    "Presets",
    "QuoteEvent",
    "QuoteStream",
    "RankingUpdate",
    "ScanEvent",
    "ScanStream",
    "Scans",
    "StreamLimits",
    "TradingControl",
    "UniverseUpdate",
    "Universes",
    "connect",
]

_HOMES: Final = {
    "Client": "spreadmesh_client.connection",
    "MarketData": "spreadmesh_client.market_data",
    "MeshError": "mesh.errors",
    "OrdersClient": "spreadmesh_client.orders",
    "Presets": "spreadmesh_client.presets",
    "QuoteEvent": "spreadmesh_client.market_data",
    "QuoteStream": "spreadmesh_client.quote_stream",
    "RankingUpdate": "spreadmesh_client.ranking",
    "ScanEvent": "spreadmesh_client.scans",
    "ScanStream": "spreadmesh_client.scans",
    "Scans": "spreadmesh_client.scans",
    "StreamLimits": "spreadmesh_client.streams",
    "TradingControl": "spreadmesh_client.orders",
    "UniverseUpdate": "spreadmesh_client.universe",
    "Universes": "spreadmesh_client.universe",
    "connect": "spreadmesh_client.connection",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line shows its help without loading gRPC.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
