"""What a recording does not keep: account ids and order references, each replaced by one stand-in."""

import re

from tws_sim.wire.framing import split_fields

_ACCOUNT = re.compile(rb"(?<![A-Za-z0-9])(?:DU|DF|DI|U|F|I)\d{5,9}(?![A-Za-z0-9])")
# The order reference's place in placeOrder (from the client), openOrder, execDetails, completedOrder.
_FROM_CLIENT = {"3": 26}
_TO_CLIENT = {"5": 23, "11": 26, "101": 22}


class Redaction:
    """Replaces the same name by the same stand-in throughout one recording."""

    def __init__(self) -> None:
        self._accounts: dict[bytes, bytes] = {}
        self._references: dict[str, str] = {}

    def apply(self, payload: bytes, *, from_client: bool) -> bytes:
        """The frame without account ids and order references."""
        message_id = payload.split(b"\0", 1)[0].decode(errors="replace")
        place = (_FROM_CLIENT if from_client else _TO_CLIENT).get(message_id)
        if place is not None:
            payload = self._without_reference(payload, place)
        return _ACCOUNT.sub(lambda match: self._account(match[0]), payload)

    def _account(self, name: bytes) -> bytes:
        return self._accounts.setdefault(name, b"DU%07d" % (len(self._accounts) + 1))

    def _without_reference(self, payload: bytes, place: int) -> bytes:
        fields = split_fields(payload)
        if place < len(fields) and fields[place]:
            known = self._references
            fields[place] = known.setdefault(fields[place], f"ref-{len(known) + 1}")
        return "".join(f"{field}\0" for field in fields).encode()
