"""The market data requests of one session that are open, and those of them that nothing has answered yet."""


class Subscriptions:
    """By contract number: the request's id, and the number of its message."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        self._unanswered: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"<Subscriptions {len(self._open)} open, {len(self._unanswered)} unanswered>"

    @property
    def con_ids(self) -> list[int]:
        """The contracts with an open request."""
        return list(self._open)

    def start(self, con_id: int, request_id: int, number: int) -> None:
        """A request is sent; `number` is its message's."""
        self._open[con_id] = request_id
        self._unanswered[con_id] = number

    def end(self, con_id: int) -> int | None:
        """The request for a contract is over: its id; None where there was none."""
        self._unanswered.pop(con_id, None)
        return self._open.pop(con_id, None)

    def answer(self, con_id: int) -> int | None:
        """Something has come for a contract: the number of the request's message, the first time."""
        return self._unanswered.pop(con_id, None)
