"""Option chains from ibkr_server."""

import asyncio
from typing import TYPE_CHECKING

import grpc
from spreadmesh.market.v1.chain_pb2 import GetOptionChainRequest, GetOptionChainResponse

from mesh.errors import MeshError, from_rpc_error, unavailable
from mesh.retry import read_retry
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.translation.chain import listed_chain

if TYPE_CHECKING:  # the name exists in the types alone
    from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub

# A gateway lists a wide chain slowly; one that cannot be reached says so at once and is tried for a while.
ATTEMPT_SECONDS = 60.0
RETRY_SECONDS = 3.0
RETRY_AFTER_SECONDS = 2.0


async def fetch_chain(stub: "MarketDataServiceAsyncStub", symbol: str) -> ListedChain:
    """The chain of a symbol, as ibkr_server lists it today.

    Raises:
        MeshError: NOT_FOUND for an unknown symbol, UNAVAILABLE where ibkr_server cannot be reached, or
            whatever else it answered.
    """
    try:
        async for attempt in read_retry(RETRY_SECONDS):
            with attempt:
                answer: GetOptionChainResponse = await stub.GetOptionChain(
                    GetOptionChainRequest(symbol=symbol), timeout=ATTEMPT_SECONDS
                )
    except grpc.RpcError as error:
        raise _as_seen_from_outside(from_rpc_error(error)) from error
    try:
        return await asyncio.to_thread(listed_chain, answer)  # sorts up to 20,000 rows
    except ValueError as error:
        raise unavailable(f"the chain of {symbol} cannot be used: {error}", RETRY_AFTER_SECONDS) from error


def _as_seen_from_outside(error: MeshError) -> MeshError:
    if error.code is grpc.StatusCode.UNAVAILABLE and error.retry_after_seconds is None:
        return unavailable("the market data server cannot be reached", RETRY_AFTER_SECONDS)
    return error
