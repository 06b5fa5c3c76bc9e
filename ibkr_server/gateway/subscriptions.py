"""The market data requests of one session: those that are open, unanswered, or cancelled lately."""

from typing import Generic, TypeVar

Contract = TypeVar("Contract")

LATE_WINDOW = 256
"""Cancelled requests whose late ticks and errors are still recognised."""


class Subscriptions(Generic[Contract]):
    """By contract number; a request is known by the contract object that it was made with."""

    def __init__(self) -> None:
        self._open: dict[int, Contract] = {}
        self._unanswered: dict[int, int] = {}
        self._cancelled: dict[int, Contract] = {}

    def __repr__(self) -> str:
        return f"<Subscriptions {len(self._open)} open, {len(self._unanswered)} unanswered>"

    @property
    def con_ids(self) -> list[int]:
        """The contracts with an open request."""
        return list(self._open)

    def start(self, con_id: int, contract: Contract, number: int) -> None:
        """A request is sent; `number` is its message's."""
        self._open[con_id] = contract
        self._unanswered[con_id] = number

    def end(self, con_id: int) -> Contract | None:
        """The request for a contract is over; None where there was none."""
        self._unanswered.pop(con_id, None)
        return self._open.pop(con_id, None)

    def is_open(self, con_id: int, contract: Contract) -> bool:
        """Whether `contract` is that of the latest request for it."""
        return self._open.get(con_id) is contract

    def answer(self, con_id: int) -> int | None:
        """Something has come for a contract: the number of the request's message, the first time."""
        return self._unanswered.pop(con_id, None)

    def cancelled(self, request_id: int, contract: Contract) -> tuple[int, Contract] | None:
        """Remember an ended request by its id; returns the one that is forgotten for it, if any."""
        self._cancelled[request_id] = contract
        if len(self._cancelled) <= LATE_WINDOW:
            return None
        oldest = next(iter(self._cancelled))
        return oldest, self._cancelled.pop(oldest)

    def is_cancelled(self, request_id: int) -> bool:
        """Whether the request with this id was ended lately."""
        return request_id in self._cancelled

    def clear(self) -> None:
        """The session has ended."""
        self._open.clear()
        self._unanswered.clear()
        self._cancelled.clear()
