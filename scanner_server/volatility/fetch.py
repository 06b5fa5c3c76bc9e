"""Daily volatilities from ibkr_server."""

import math
from datetime import date
from typing import TYPE_CHECKING

import grpc
from spreadmesh.market.v1.history_pb2 import (
    HISTORY_KIND_HISTORICAL_VOLATILITY,
    HISTORY_KIND_IMPLIED_VOLATILITY,
    GetDailyHistoryRequest,
    GetDailyHistoryResponse,
)

from mesh.errors import from_rpc_error
from scanner_server.translation.times import new_york_date, seconds_of
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import DAYS_OF_A_YEAR
from scanner_server.volatility.store import DailySeries

if TYPE_CHECKING:  # the name exists in the types alone
    from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub

_ASKED_AS = {
    VolatilityKind.IMPLIED: HISTORY_KIND_IMPLIED_VOLATILITY,
    VolatilityKind.REALIZED: HISTORY_KIND_HISTORICAL_VOLATILITY,
}
DAYS_ASKED = DAYS_OF_A_YEAR + 1
"""The last of them may be today, which is left out."""
ATTEMPT_SECONDS = 100.0
"""ibkr_server may let a request wait for a minute, and the gateway has half a minute to answer."""


async def fetch_volatilities(
    stub: "MarketDataServiceAsyncStub", symbol: str, kind: VolatilityKind
) -> DailySeries:
    """The last year's volatilities of a symbol and a kind at the close, as ibkr_server tells them.

    Raises:
        MeshError: whatever ibkr_server answered, UNAVAILABLE where it cannot be reached.
    """
    request = GetDailyHistoryRequest(symbol=symbol, kind=_ASKED_AS[kind], days=DAYS_ASKED)
    try:
        answer: GetDailyHistoryResponse = await stub.GetDailyHistory(request, timeout=ATTEMPT_SECONDS)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from error
    return DailySeries(
        asked_on=date.fromisoformat(new_york_date(seconds_of(answer.as_of))),
        values={date.fromisoformat(bar.date): bar.close for bar in answer.bars if 0 < bar.close < math.inf},
    )
