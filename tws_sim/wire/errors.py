"""Error and notice messages, with the gateway's own codes and texts."""

from tws_sim.wire.framing import message

RATE_EXCEEDED = 100
MAX_TICKERS = 101
NO_HISTORY = 162
NO_SUCH_CONTRACT = 200
READ_ERROR = 320
VALIDATION_ERROR = 321
PROCESSING_ERROR = 322
CLIENT_ID_IN_USE = 326
TICKER_NOT_FOUND = 300
MAX_DEPTHS = 309
DEPTH_NOT_FOUND = 310
SCAN_NOT_FOUND = 365
HISTORY_NOT_FOUND = 366
FUNDAMENTALS_UNAVAILABLE = 430
DEPTH_UNSUPPORTED = 10092
ORDER_NOT_FOUND = 10147
NO_NEWS_ARTICLE = 10172
NO_PAST_TICKS = 10187
NO_TICK_BY_TICK = 10189
MAX_TICK_BY_TICK = 10190
NEWS_NOT_ALLOWED = 10276
INVALID_TIME = 10314
NOT_SUBSCRIBED = 354

FARM_NOTICES = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2104, "Market data farm connection is OK:usopt"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefnj"),
)

UNKNOWN_CONTRACT = "No security definition has been found for the request"
CLIENT_ID_TEXT = "Unable to connect as the client id is already in use. Retry with a unique client id."
MAX_TICKERS_TEXT = "Max number of tickers has been reached"
INVALID_TIME_TEXT = (
    "End Date/Time: The date, time, or time-zone entered is invalid. "
    "The correct format is yyyymmdd hh:mm:ss xx/xxxx"
)
NO_ADVISOR = "FA data operations ignored for non FA customers."
READ_ONLY = "The API interface is currently in Read-Only mode."
NO_EXERCISE = "Options cannot be exercised through this gateway."
ONLY_CLIENT_ZERO = "Only client 0 can have manual orders bound to it."


def ticker_not_found(request_id: int) -> str:
    """Text of error 300."""
    return f"Can't find EId with tickerId:{request_id}"


def validation(cause: str) -> str:
    """Text of error 321."""
    return f"Error validating request.-'bW' : cause - {cause}"


def history(cause: str) -> str:
    """Text of error 162."""
    return f"Historical Market Data Service error message:{cause}"


def processing(cause: str) -> str:
    """Text of error 322."""
    return f"Error processing request.-'bW' : cause - {cause}"


def reading(cause: str) -> str:
    """Text of error 320."""
    return f"Error reading request.-'b6' : cause - {cause}"


def error(version: int, request_id: int, code: int, text: str, reject_json: str = "") -> bytes:
    """An error (or notice, request id -1) in the shape of the negotiated server version."""
    if version >= 166:
        return message(4, 2, request_id, code, text, reject_json)
    return message(4, 2, request_id, code, text)
