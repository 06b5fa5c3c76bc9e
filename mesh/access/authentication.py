"""Who makes a call, from its metadata."""

from collections.abc import Iterable
from typing import Final, Protocol

from mesh.access.roles import ANONYMOUS, Caller, Role
from mesh.errors import unauthenticated

AUTHORIZATION: Final = "authorization"
SCHEME: Final = "bearer"
_HOW: Final = "send `authorization: Bearer <API key>`"


class Authentication(Protocol):
    """How a server knows its callers."""

    def caller(self, metadata: Iterable[tuple[str, str | bytes]]) -> Caller:
        """Who sends this metadata.

        Raises:
            MeshError: UNAUTHENTICATED.
        """


class Keys(Protocol):
    """Where keys are looked up."""

    def caller(self, key: str) -> Caller | None:
        """Whose key it is; None for nobody's."""


class ByKey:
    """Every caller has an API key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def caller(self, metadata: Iterable[tuple[str, str | bytes]]) -> Caller:
        """Whose key it is.

        Raises:
            MeshError: UNAUTHENTICATED: no key, several, or one that nobody has.
        """
        given = [value for name, value in metadata if name == AUTHORIZATION]
        if not given:
            raise unauthenticated("API_KEY_MISSING", f"this server asks for an API key: {_HOW}")
        scheme, _, key = str(given[0]).partition(" ")
        if len(given) > 1 or scheme.lower() != SCHEME:
            raise unauthenticated("API_KEY_MALFORMED", f"one API key is needed: {_HOW}")
        caller = self._keys.caller(key)
        if caller is None:
            raise unauthenticated("API_KEY_UNKNOWN", "the API key is not known to this server")
        return caller


class Unkeyed:
    """Every caller is the same one, whatever it sends."""

    def __init__(self, role: Role) -> None:
        self._caller = Caller(ANONYMOUS, role)

    def caller(self, metadata: Iterable[tuple[str, str | bytes]]) -> Caller:
        """Anonymous."""
        return self._caller
