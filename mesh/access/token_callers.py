"""Callers by their tokens; a token that was verified once is not verified again until the keys change."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from mesh.access.issuer_keys import IssuerKeys
from mesh.access.roles import Caller
from mesh.access.token_claims import LEEWAY_SECONDS, Keys, TokenRules, caller_of, verified_claims
from mesh.errors import unavailable

MOST_REMEMBERED: Final = 4096
RETRY_AFTER_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until: float


class TokenCallers:
    """Who holds a token."""

    def __init__(self, keys: IssuerKeys, rules: TokenRules, now: Callable[[], float] = time.time) -> None:
        """Verify by the keys and rules; `now` gives Unix seconds."""
        self._keys = keys
        self._rules = rules
        self._now = now
        self._verified: dict[bytes, _Verified] = {}
        self._verified_by: Keys = {}

    def __repr__(self) -> str:
        return f"<TokenCallers {len(self._verified)} verified>"

    def caller(self, token: str) -> Caller:
        """Whose token it is.

        Raises:
            MeshError: UNAUTHENTICATED or PERMISSION_DENIED, `TokenKeyUnknown` where new keys might help;
                UNAVAILABLE where none have been had yet.
        """
        keys = self._keys.current
        if not keys:
            text = "tokens can't be verified yet: their issuer has not told its keys"
            raise unavailable(text, RETRY_AFTER_SECONDS)
        if keys is not self._verified_by:
            self._verified, self._verified_by = {}, keys
        digest, now = hashlib.sha256(token.encode()).digest(), self._now()
        known = self._verified.get(digest)
        if known is not None and now < known.until:
            return known.caller
        claims = verified_claims(token, keys, self._rules, now)
        caller = caller_of(claims, self._rules)
        self._remember(digest, _Verified(caller, claims["exp"] + LEEWAY_SECONDS))
        return caller

    async def refresh(self) -> None:
        """Learn of new keys, if that was not tried lately."""
        await self._keys.refresh()

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Keep the issuer's keys fresh inside the block."""
        return self._keys.kept_fresh()

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._verified.pop(digest, None)
        if len(self._verified) >= MOST_REMEMBERED:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = verified
