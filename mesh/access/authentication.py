"""Who makes a call: the user that its bearer names, over a workload that its certificate names.

A bearer is an API key or a token. Where a certificate is listed, nobody comes further over it than its own
role, whatever bearer is sent; without a bearer the workload is the caller itself.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from mesh.access.bearer import HOW, bearer_of
from mesh.access.identities import parse_identities
from mesh.access.issuer import fetch_key_set
from mesh.access.issuer_keys import IssuerKeys
from mesh.access.keys import key_hash, parse_keys
from mesh.access.roles import ANONYMOUS, Caller, Role
from mesh.access.settings import AccessSettings
from mesh.access.token_callers import TokenCallers
from mesh.access.token_claims import TokenRules
from mesh.errors import unauthenticated
from mesh.interceptors.handlers import Context
from mesh.telemetry.observe import observe_gauge
from mesh.tls.peer import peer_identity
from mesh.watched import Watched

_DOTS_OF_A_TOKEN: Final = 2

Callers = Callable[[], Mapping[str, Caller]]
"""Callers as they are known now: by the hash of a key, or by SPIFFE ID."""


class Authentication(Protocol):
    """How a server knows its callers."""

    def caller(self, context: Context) -> Caller:
        """Who makes this call, by what is known now.

        Raises:
            MeshError: UNAUTHENTICATED, also as `TokenKeyUnknown`: `refresh` may help; PERMISSION_DENIED for a
                token without a role; UNAVAILABLE where tokens can't be verified yet.
        """

    async def refresh(self) -> None:
        """Learn what may have changed elsewhere."""

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Go on learning inside the block."""


class Anonymous:
    """Every caller is the same one, whatever it sends."""

    def __init__(self, role: Role) -> None:
        self._caller = Caller(ANONYMOUS, role)

    def caller(self, context: Context) -> Caller:
        """Anonymous."""
        return self._caller

    async def refresh(self) -> None:
        """There is nothing to learn."""

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Nor later."""
        return nullcontext()


class ByCredentials:
    """Every caller has a key, a token or a certificate."""

    def __init__(
        self,
        *,
        keys: Callers | None = None,
        tokens: TokenCallers | None = None,
        identities: Callers | None = None,
    ) -> None:
        """Take the kinds that are given."""
        self._keys = keys
        self._tokens = tokens
        self._identities = identities

    def caller(self, context: Context) -> Caller:
        """Whose bearer it is, or else whose certificate."""
        bearer = bearer_of(context.invocation_metadata() or ())
        if self._identities is None:
            return self._user(bearer)
        workload = _listed(context, self._identities())
        if workload is None:
            return self._user(bearer)
        if bearer is None:
            return workload
        user = self._user(bearer)
        return Caller(user.name, min(user.role, workload.role))

    async def refresh(self) -> None:
        """Look for new keys of the issuer."""
        if self._tokens is not None:
            await self._tokens.refresh()

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Keep the keys of the issuer fresh."""
        return nullcontext() if self._tokens is None else self._tokens.kept_fresh()

    def _user(self, bearer: str | None) -> Caller:
        if bearer is None:
            raise unauthenticated("API_KEY_MISSING", f"this server asks who calls: {HOW}")
        if self._keys is not None:
            caller = self._keys().get(key_hash(bearer))
            if caller is not None:
                return caller
        if self._tokens is not None and bearer.count(".") == _DOTS_OF_A_TOKEN:
            return self._tokens.caller(bearer)
        raise unauthenticated("API_KEY_UNKNOWN", "the API key is not known to this server")


def _listed(context: Context, identities: Mapping[str, Caller]) -> Caller | None:
    peer = peer_identity(context)
    return None if peer is None or peer.spiffe_id is None else identities.get(peer.spiffe_id)


def authentication_of(settings: AccessSettings) -> Authentication:
    """How the settings say that callers are known.

    Raises:
        OSError, ValueError: A file can't be used.
    """
    if not settings.knows_callers:
        return Anonymous(settings.anonymous_role)
    return ByCredentials(
        keys=_watched("API keys", settings.api_keys_file, parse_keys),
        tokens=_tokens(settings),
        identities=_watched("identities", settings.identities_file, parse_identities),
    )


def _tokens(settings: AccessSettings) -> TokenCallers | None:
    issuer = settings.oidc_issuer
    if issuer is None:
        return None
    rules = TokenRules(issuer, settings.oidc_audience, settings.oidc_role_claim, settings.oidc_name_claim)
    keys = IssuerKeys(partial(fetch_key_set, issuer, settings.oidc_jwks_url))
    observe_gauge(
        "spreadmesh.access.issuer_keys_timestamp",
        lambda: keys.had_at,
        "When the token issuer's keys were had last, unix time.",
        "s",
    )
    return TokenCallers(keys, rules)


def _watched(what: str, path: Path | None, parse: Callable[[str], Mapping[str, Caller]]) -> Callers | None:
    return None if path is None else Watched(what, [path], lambda: parse(path.read_text())).current
