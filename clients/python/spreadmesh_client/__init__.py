"""Client of the mesh: option chains, quotes and ranked spreads as typed asyncio calls."""

from mesh.errors import MeshError
from spreadmesh_client.connection import Client, connect
from spreadmesh_client.market_data import MarketData, QuoteEvent
from spreadmesh_client.quote_stream import QuoteStream
from spreadmesh_client.ranking import RankingUpdate
from spreadmesh_client.scans import ScanEvent, Scans, ScanStream

__all__ = [
    "Client",
    "MarketData",
    "MeshError",
    "QuoteEvent",
    "QuoteStream",
    "RankingUpdate",
    "ScanEvent",
    "ScanStream",
    "Scans",
    "connect",
]
