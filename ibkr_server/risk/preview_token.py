"""Proof that this very order was previewed by this very caller, lately."""

import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final

from ibkr_server.orders.spec import OrderSpec, request_hash

TOKEN_SECONDS: Final = 30
_KEY_BYTES: Final = 32
_MILLIS: Final = 1000
_FORM: Final = re.compile(r"([0-9a-f]{1,16})\.([0-9a-f]{64})")


class PreviewTokens:
    """Issues tokens and knows its own: HMAC-SHA256 under a key that ends with the process.

    A token holds for every field of the order as `request_hash` has them (contracts, sides, quantity, prices,
    account), for the caller and until its end. It may be used more than once until then.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives the host's monotonic seconds."""
        self._clock = clock
        self._key = secrets.token_bytes(_KEY_BYTES)

    def issue(self, spec: OrderSpec, caller: str) -> str:
        """A token for `TOKEN_SECONDS` from now."""
        end = int((self._clock() + TOKEN_SECONDS) * _MILLIS)
        return f"{end:x}.{self._mac(spec, caller, end)}"

    def fault(self, token: str, spec: OrderSpec, caller: str) -> str:
        """Why a token does not hold for an order, in words; empty where it does."""
        if not token:
            return "the order was not previewed: ask PreviewOrder first and pass its token on"
        match = _FORM.fullmatch(token)
        if match is None:
            return "the preview token is none of this server's"
        end = int(match[1], 16)
        if not hmac.compare_digest(match[2], self._mac(spec, caller, end)):
            return "the preview token is not for this order and caller, or older than this server's start"
        if self._clock() * _MILLIS >= end:
            return f"the preview is older than {TOKEN_SECONDS} s: preview the order again"
        return ""

    def _mac(self, spec: OrderSpec, caller: str, end: int) -> str:
        parts = (request_hash(spec), caller, str(end))
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()
