"""The market data service on grpc.aio alone: no interceptors, no health, no options."""

import asyncio
import sys

import grpc
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server

from ibkr_server.market import Market
from ibkr_server.rpc.market_data_service import MarketDataServicer
from ibkr_server.settings import IbkrSettings
from mesh.process import run_process


async def main() -> None:
    """Print the address, then serve until standard input ends."""
    server = grpc.aio.server()
    add_MarketDataServiceServicer_to_server(MarketDataServicer(Market(IbkrSettings())), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    run_process("bare_server", main())
