"""Ticks of market data lines, decoded from the socket's bytes; every other message goes on to the library.

Without ib_insync's objects and events, which nobody needs, a tick costs a third of what it costs there. The
rules are the library's own, which `tests/ibkr_server/gateway/test_decoder.py` holds this against: a price or
size that was told before is no news, and the ticks of one packet count as one update per line.
Tick types: https://interactivebrokers.github.io/tws-api/tick_types.html
"""

from collections.abc import Callable, Sequence
from struct import Struct

from ibkr_server.gateway.tick_line import TickLine
from ibkr_server.quotes.columns import Update

LATE_TICK_WINDOW = 4096
"""Ended subscriptions whose late ticks are still recognised, and dropped."""

Fields = list[bytes]

_length_at = Struct(">I").unpack_from
_PREFIX = 4
# By message id: the field that holds the request id, and what takes the message.
_MESSAGES: dict[bytes, tuple[int, Callable[[TickLine, Fields], bool]]] = {
    b"1": (2, TickLine.price),
    b"2": (2, TickLine.size),
    b"21": (1, TickLine.computation),
    b"45": (2, TickLine.generic),
    b"46": (2, TickLine.text),
    b"58": (2, TickLine.market_data_type),
}


class TickDecoder:
    """Cuts one session's bytes into messages."""

    def __init__(
        self, pass_on: Callable[[bytes], object], deliver: Callable[[Sequence[Update]], None]
    ) -> None:
        """Give messages that are no ticks of ours to `pass_on`, then the packet's ticks to `deliver`."""
        self._pass_on = pass_on
        self._deliver = deliver
        self._rest = b""
        self._lines: dict[bytes, TickLine] = {}
        self._ended: dict[bytes, None] = {}

    def open(self, request_id: int, con_id: int) -> None:
        """Take the ticks of a request, which are a contract's."""
        self._lines[b"%d" % request_id] = TickLine(con_id)

    def close(self, request_id: int) -> None:
        """Drop what still comes."""
        key = b"%d" % request_id
        if self._lines.pop(key, None) is not None:
            self._ended[key] = None
            if len(self._ended) > LATE_TICK_WINDOW:
                del self._ended[next(iter(self._ended))]

    def has_ended(self, request_id: int) -> bool:
        """Whether a request was ours and has been closed lately."""
        return b"%d" % request_id in self._ended

    def con_id(self, request_id: int) -> int | None:
        """The contract whose ticks an open request brings."""
        line = self._lines.get(b"%d" % request_id)
        return line.con_id if line is not None else None

    def feed(self, data: bytes) -> None:
        """Take a packet as it came from the socket; it may end within a message."""
        if self._rest:
            data = self._rest + data
        size, start = len(data), 0
        others: list[bytes] = []
        touched: dict[bytes, TickLine] = {}
        while size - start > _PREFIX:
            end = start + _PREFIX + _length_at(data, start)[0]
            if end > size:
                break
            fields = data[start + _PREFIX : end].split(b"\0")
            fields.pop()  # behind the last separator
            if not self._take(fields, touched):
                others.append(data[start:end])
            start = end
        self._rest = data[start:]
        if others:
            self._pass_on(b"".join(others))
        if touched:
            # What was passed on may have ended lines: their ticks are late by now.
            updates = [line.update() for key, line in touched.items() if self._lines.get(key) is line]
            if updates:
                self._deliver(updates)

    def _take(self, fields: Fields, touched: dict[bytes, TickLine]) -> bool:
        """Whether a message is a tick of ours; one that cannot be read is left to the library to complain."""
        try:
            place, take = _MESSAGES[fields[0]]
            key = fields[place]
            line = self._lines.get(key)
            if line is None:
                return key in self._ended
            if take(line, fields):
                touched[key] = line
        except (KeyError, IndexError, ValueError):
            return False
        return True
