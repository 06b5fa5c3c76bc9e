"""How an API key or a token travels: `authorization: Bearer …`, RFC 6750."""

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from mesh.errors import unauthenticated

AUTHORIZATION: Final = "authorization"
SCHEME: Final = "Bearer"
HOW: Final = f"send `{AUTHORIZATION}: {SCHEME} <API key or token>`"
_VISIBLE: Final = re.compile(r"[!-~]+")

Bearer: TypeAlias = str | Callable[[], str]
"""A key or token; a function is asked before each call, and must answer at once."""


def checked_bearer(text: str) -> str:
    """The key or token itself.

    Raises:
        ValueError: There is none, or it holds what no header can; it is not shown.
    """
    if not _VISIBLE.fullmatch(text):
        raise ValueError("an API key or token has visible ASCII characters, and no others")
    return text


def bearer_of(metadata: Iterable[tuple[str, str | bytes]]) -> str | None:
    """The key or token that comes with a call; None for none.

    Raises:
        MeshError: UNAUTHENTICATED: there are several, or it is sent in another way.
    """
    given = [value for name, value in metadata if name == AUTHORIZATION]
    if not given:
        return None
    scheme, _, bearer = str(given[0]).partition(" ")
    if len(given) > 1 or scheme.lower() != SCHEME.lower():
        raise unauthenticated("API_KEY_MALFORMED", f"one API key or token is needed: {HOW}")
    return bearer
