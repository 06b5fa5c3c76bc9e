"""The market data requests of one link: sends them, decodes their ticks, and knows which were answered."""

from collections.abc import Callable, Sequence
from typing import Any

from ibkr_server.gateway.decoder import TickDecoder
from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.subscriptions import Subscriptions
from ibkr_server.quotes.columns import Update
from ibkr_server.translation import OPTION_GENERIC_TICKS, streaming_contract


class MarketDataRequests:
    """One for each contract at most. `client` is the library's, of the session at hand."""

    def __init__(
        self, on_answer: Callable[[int, Outcome], None], deliver: Callable[[Sequence[Update]], None]
    ) -> None:
        """`on_answer` is told of a request's first answer by its message's number, `deliver` of ticks."""
        self._on_answer = on_answer
        self._deliver = deliver
        self._subscriptions = Subscriptions()
        self._underlyings: dict[int, str] = {}
        self._ticks = TickDecoder(lambda _messages: None, self._ticked)

    def begin(self, pass_on: Callable[[bytes], object]) -> Callable[[bytes], None]:
        """A session begins: what it feeds its bytes to, where all but our ticks goes on to `pass_on`."""
        self._ticks = TickDecoder(pass_on, self._ticked)
        return self._ticks.feed

    def add_underlying(self, con_id: int, exchange: str) -> None:
        """This contract is a share or an index, quoted at `exchange`; others are options, quoted at SMART."""
        self._underlyings[con_id] = exchange

    def is_underlying(self, con_id: int) -> bool:
        """Whether a contract is a share or an index."""
        return con_id in self._underlyings

    def subscribe(self, client: Any, con_id: int, number: int) -> None:
        """Send a request as the message of that number."""
        self._end(con_id)
        request_id = client.getReqId()
        self._subscriptions.start(con_id, request_id, number)
        self._ticks.open(request_id, con_id)
        exchange = self._underlyings.get(con_id)
        contract = streaming_contract(con_id, exchange or "SMART")
        client.reqMktData(request_id, contract, "" if exchange else OPTION_GENERIC_TICKS, False, False, [])

    def unsubscribe(self, client: Any, con_id: int) -> None:
        """Send the cancellation of a contract's request, if there is one."""
        request_id = self._end(con_id)
        if request_id is not None:
            client.cancelMktData(request_id)

    def end_all(self) -> None:
        """The gateway has ended them, or the session is over."""
        for con_id in self._subscriptions.con_ids:
            self._end(con_id)

    def has_ended(self, request_id: int) -> bool:
        """Whether this was one of our requests and has ended lately."""
        return self._ticks.has_ended(request_id)

    def refused(self, request_id: int) -> int | None:
        """An error has come for a request: its contract, if it is one of ours."""
        con_id = self._ticks.con_id(request_id)
        if con_id is not None:
            self._answer(con_id, Outcome.REFUSED)
        return con_id

    def _ticked(self, updates: Sequence[Update]) -> None:
        for update in updates:
            self._answer(update.con_id, Outcome.ANSWERED)
        self._deliver(updates)

    def _answer(self, con_id: int, outcome: Outcome) -> None:
        number = self._subscriptions.answer(con_id)
        if number is not None:
            self._on_answer(number, outcome)

    def _end(self, con_id: int) -> int | None:
        request_id = self._subscriptions.end(con_id)
        if request_id is not None:
            self._ticks.close(request_id)
        return request_id
