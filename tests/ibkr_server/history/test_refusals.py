"""What IB's texts become; they are worded as its servers word them."""

import grpc
import pytest

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.history.bars import HistoryQuery, Kind
from ibkr_server.history.refusals import is_violation, to_error

QUERY = HistoryQuery(756733, "SMART", Kind.IMPLIED_VOLATILITY, 252)
HISTORY = "Historical Market Data Service error message:"
CODE = grpc.StatusCode


NOTHING_KEPT = [
    "HMDS query returned no data: SPY@SMART Option_implied_volatility",
    "No historical market data for SPY/OPT@IBVOL OptionImpliedVol 86400",
    "No data of type EODChart is available for the exchange 'BEST' and the security type 'Stock'",
]
AWAY = [
    "HMDS server disconnect occurred.  Attempting reconnection...",
    "HMDS connection attempt failed.  Connection will be re-attempted...",
    "API historical data query cancelled: 12",
    "Trading TWS session is connected from a different IP address",
]
ONLY_FIFTY = (
    "Error processing request.-'bW' : cause - Only 50 simultaneous API historical data requests allowed."
)
MISTAKE = "Error validating request.-'bW' : cause - Please enter exchange"


@pytest.mark.parametrize(
    ("ib_code", "text", "expected", "retries"),
    [
        *((162, HISTORY + text, CODE.NOT_FOUND, None) for text in NOTHING_KEPT),
        *((162, HISTORY + text, CODE.UNAVAILABLE, 30.0) for text in AWAY),
        (10197, "No market data during competing live session", CODE.UNAVAILABLE, 30.0),
        (162, HISTORY + "Historical data request pacing violation", CODE.RESOURCE_EXHAUSTED, 15.0),
        (322, ONLY_FIFTY, CODE.RESOURCE_EXHAUSTED, 15.0),
        (162, HISTORY + "No market data permissions for ISLAND STK", CODE.FAILED_PRECONDITION, None),
        (200, "No security definition has been found for the request", CODE.NOT_FOUND, None),
        (354, "Requested market data is not subscribed.", CODE.FAILED_PRECONDITION, None),
        (321, MISTAKE, CODE.FAILED_PRECONDITION, None),
    ],
)
def test_statuses(ib_code: int, text: str, expected: grpc.StatusCode, retries: float | None) -> None:
    refusal = GatewayRefusal(ib_code, text)
    error = to_error(refusal, QUERY)
    assert error.code is expected
    assert error.retry_after_seconds == retries
    assert is_violation(refusal) is (expected is CODE.RESOURCE_EXHAUSTED)
    if expected is CODE.FAILED_PRECONDITION:
        assert text in error.message


@pytest.mark.parametrize(
    ("days", "duration"),
    [(1, "1 D"), (252, "252 D"), (365, "365 D"), (366, "2 Y"), (504, "3 Y"), (2520, "11 Y")],
)
def test_longer_than_a_year_is_asked_for_in_years(days: int, duration: str) -> None:
    assert HistoryQuery(1, "SMART", Kind.TRADES, days).duration == duration
