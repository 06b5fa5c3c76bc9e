"""The table of requests against the messages ib_insync sends."""

import inspect
from typing import Any

import pytest
from ib_insync import Client, Contract, ExecutionFilter, Order, ScannerSubscription, WshEventData

from tws_sim.wire.requests import REQUESTS, message_ids, request_id

MARK = 424242
SPECIAL: dict[str, object] = {
    "contract": Contract(), "order": Order(), "execFilter": ExecutionFilter(), "data": WshEventData(),
    "subscription": ScannerSubscription(), "scannerSubscriptionOptions": [],
    "scannerSubscriptionFilterOptions": [], "chartOptions": [], "mktDepthOptions": [], "mktDataOptions": [],
    "realTimeBarsOptions": [], "newsArticleOptions": [], "implVolOptions": [], "optPrcOptions": [],
    "historicalNewsOptions": [], "miscOptions": [], "fundamentalDataOptions": [], "options": [],
}  # fmt: skip
# Names of the official client that ib_insync gives no method of that name.
IDS = {"reqId", "orderId", "tickerId"}


class Recorder(Client):
    """A client that keeps its messages."""

    def __init__(self) -> None:
        super().__init__(self)
        self.sent: list[list[str]] = []
        self._serverVersion = 176

    def isConnected(self) -> bool:  # noqa: N802 - ib_insync's name
        return True

    def sendMsg(self, msg: str) -> None:  # noqa: N802 - ib_insync's name
        self.sent.append(msg.split("\0")[:-1])


def message_of(name: str) -> list[str]:
    recorder = Recorder()
    method: Any = getattr(recorder, name)
    values = [
        MARK if parameter in IDS else SPECIAL.get(parameter, 1)
        for parameter in inspect.signature(method).parameters
    ]
    method(*values)
    return recorder.sent[-1]


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_each_request_has_its_number_and_the_place_of_its_id(name: str) -> None:
    fields = message_of(name)
    assert int(fields[0]) == REQUESTS[name].message_id
    has_id = str(MARK) in fields and name not in {"replaceFA"}  # its id comes last and is answered by none
    assert request_id(int(fields[0]), fields) == (MARK if has_id else -1)


def test_no_request_of_the_library_is_missing() -> None:
    methods = {
        name
        for name, _ in inspect.getmembers(Client, inspect.isfunction)
        if name.startswith(("req", "cancel", "place"))
    }
    assert methods <= REQUESTS.keys()


def test_an_id_that_cannot_be_read_is_none() -> None:
    assert request_id(1, ["1", "11"]) == -1
    assert request_id(1, ["1", "11", "x"]) == -1
    assert request_id(999, ["999", "1"]) == -1
    assert message_ids("reqMktData", "reqIds") == {1, 8}
