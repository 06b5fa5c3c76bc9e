"""Names of the requests, their message ids, and where their own id stands."""

from collections.abc import Sequence
from typing import NamedTuple


class Request(NamedTuple):
    """One request of the client's."""

    message_id: int
    id_field: int | None
    """Position of the request's (or order's) id among the fields; None where it has none."""


# By the position of the id: none, the field after the message id, the one after the message's version.
_WITHOUT_ID = {
    "reqOpenOrders": 5, "reqAccountUpdates": 6, "reqIds": 8, "reqNewsBulletins": 12,
    "cancelNewsBulletins": 13, "setServerLogLevel": 14, "reqAutoOpenOrders": 15, "reqAllOpenOrders": 16,
    "reqManagedAccts": 17, "requestFA": 18, "replaceFA": 19, "reqScannerParameters": 24,
    "reqCurrentTime": 49, "reqGlobalCancel": 58, "reqMarketDataType": 59, "reqPositions": 61,
    "cancelPositions": 64, "verifyRequest": 65, "verifyMessage": 66, "startApi": 71,
    "verifyAndAuthRequest": 72, "verifyAndAuthMessage": 73, "reqFamilyCodes": 80,
    "reqMktDepthExchanges": 82, "reqNewsProviders": 85, "reqMarketRule": 91, "reqCompletedOrders": 99,
}  # fmt: skip
_AFTER_MESSAGE_ID = {
    "placeOrder": 3, "reqHistoricalData": 20, "reqScannerSubscription": 22, "reqSecDefOptParams": 78,
    "reqSoftDollarTiers": 79, "reqMatchingSymbols": 81, "reqSmartComponents": 83, "reqNewsArticle": 84,
    "reqHistoricalNews": 86, "reqHeadTimeStamp": 87, "reqHistogramData": 88, "cancelHistogramData": 89,
    "cancelHeadTimeStamp": 90, "reqPnL": 92, "cancelPnL": 93, "reqPnLSingle": 94, "cancelPnLSingle": 95,
    "reqHistoricalTicks": 96, "reqTickByTickData": 97, "cancelTickByTickData": 98, "reqWshMetaData": 100,
    "cancelWshMetaData": 101, "reqWshEventData": 102, "cancelWshEventData": 103, "reqUserInfo": 104,
}  # fmt: skip
_AFTER_VERSION = {
    "reqMktData": 1, "cancelMktData": 2, "cancelOrder": 4, "reqExecutions": 7, "reqContractDetails": 9,
    "reqMktDepth": 10, "cancelMktDepth": 11, "exerciseOptions": 21, "cancelScannerSubscription": 23,
    "cancelHistoricalData": 25, "reqRealTimeBars": 50, "cancelRealTimeBars": 51, "reqFundamentalData": 52,
    "cancelFundamentalData": 53, "calculateImpliedVolatility": 54, "calculateOptionPrice": 55,
    "cancelCalculateImpliedVolatility": 56, "cancelCalculateOptionPrice": 57, "reqAccountSummary": 62,
    "cancelAccountSummary": 63, "queryDisplayGroups": 67, "subscribeToGroupEvents": 68,
    "updateDisplayGroup": 69, "unsubscribeFromGroupEvents": 70, "reqPositionsMulti": 74,
    "cancelPositionsMulti": 75, "reqAccountUpdatesMulti": 76, "cancelAccountUpdatesMulti": 77,
}  # fmt: skip

REQUESTS = {
    **{name: Request(number, None) for name, number in _WITHOUT_ID.items()},
    **{name: Request(number, 1) for name, number in _AFTER_MESSAGE_ID.items()},
    **{name: Request(number, 2) for name, number in _AFTER_VERSION.items()},
}
_ID_FIELDS = {request.message_id: request.id_field for request in REQUESTS.values()}


def request_id(message_id: int, fields: Sequence[str]) -> int:
    """The id a request carries; -1 where it has none that can be read."""
    position = _ID_FIELDS.get(message_id)
    if position is None or position >= len(fields):
        return -1
    try:
        return int(fields[position])
    except ValueError:
        return -1


def message_ids(*names: str) -> frozenset[int]:
    """Message ids of requests by their names."""
    return frozenset(REQUESTS[name].message_id for name in names)
