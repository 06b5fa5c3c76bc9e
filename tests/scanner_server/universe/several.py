"""A scripted market with many underlyings, each of them another ACME under numbers of its own."""

from collections.abc import Iterable
from typing import Any

from spreadmesh.common.v1.contract_pb2 import OptionContract, Underlying
from spreadmesh.market.v1.chain_pb2 import GetOptionChainRequest, GetOptionChainResponse
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from mesh.errors import not_found, to_trailers
from scanner_server.translation.times import timestamp_of
from tests.scanner_server.scripted_market import CONTRACTS, SHARE, SPOT, ScriptedMarket, mid_of

SYMBOLS = [f"U{number}" for number in range(1, 10)]
OPTIONS = len(CONTRACTS)


def first_id(symbol: str) -> int:
    """What is added to ACME's numbers."""
    return 1_000 * int(symbol[1:])


def ids_of(symbol: str) -> set[int]:
    """The share and every option."""
    return {first_id(symbol) + con_id for con_id in [SHARE, *CONTRACTS]}


class SeveralMarkets(ScriptedMarket):
    """U1 to U9."""

    async def GetOptionChain(  # noqa: N802 - the RPC's name
        self, request: GetOptionChainRequest, context: Any
    ) -> GetOptionChainResponse:
        self.chain_requests += 1
        if request.symbol not in SYMBOLS:
            error = not_found("symbol", request.symbol, "is not known")
            await context.abort(error.code, error.message, to_trailers(error))
        return GetOptionChainResponse(
            underlying=Underlying(con_id=first_id(request.symbol) + SHARE, symbol=request.symbol),
            contracts=[_renumbered(contract, request.symbol) for contract in CONTRACTS.values()],
            market_time=timestamp_of(self.now),
        )

    async def subscribed(self, *symbols: str) -> None:
        """Wait until exactly these are subscribed, and a batch may be sent for each."""
        wanted = set().union(*map(ids_of, symbols))
        await self.until(lambda: set(self.stream.asked) == wanted and self.stream.credits >= len(symbols))

    def quote(self, symbol: str, options: Iterable[int] = CONTRACTS, *, cheaper: float = 0.0) -> None:
        """Send the share and some options; calls and puts that are `cheaper` make other scores."""
        batch = QuoteBatch()
        for con_id in [SHARE, *options]:
            mid = SPOT if con_id == SHARE else mid_of(CONTRACTS[con_id]) * (1 - cheaper)
            half = 0.01 if con_id == SHARE else 0.005 * mid + 0.01
            batch.con_id.append(first_id(symbol) + con_id)
            batch.bid.append(max(mid - half, 0.0))
            batch.ask.append(mid + half)
            batch.open_interest.append(500)
            batch.quote_time_us.append(round(self.now * 1e6))
            batch.origin.append(1)
            batch.stale.append(False)
        self.stream.send_batch(batch)


def _renumbered(contract: OptionContract, symbol: str) -> OptionContract:
    copy = OptionContract()
    copy.CopyFrom(contract)
    copy.con_id += first_id(symbol)
    copy.symbol = copy.trading_class = symbol
    return copy
