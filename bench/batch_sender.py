"""The sending process of `feed_credit16`: the server itself over quotes that never rest."""

from bench.quote_sender import BusyBoard, serve
from ibkr_server.rpc.market_data_service import MarketDataServicer
from mesh.process import run_process

if __name__ == "__main__":
    run_process("batch_sender", serve(BusyBoard(), MarketDataServicer))
