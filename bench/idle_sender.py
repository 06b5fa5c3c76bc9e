"""A sending process whose quotes rest: all that it does is answer calls."""

from bench.quote_sender import serve
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.rpc.market_data_service import MarketDataServicer
from mesh.process import run_process

if __name__ == "__main__":
    run_process("idle_sender", serve(QuoteBoard(), MarketDataServicer))
