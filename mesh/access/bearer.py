"""How an API key or a token travels: `authorization: Bearer …`, RFC 6750."""

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from mesh.errors import unauthenticated

AUTHORIZATION: Final = "authorization"
SCHEME: Final = "Bearer"
_LOWER_SCHEME: Final = SCHEME.lower()
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
    bearer: str | None = None
    for name, value in metadata:
        if name == AUTHORIZATION:
            scheme, _, text = str(value).partition(" ")
            if bearer is not None or scheme.lower() != _LOWER_SCHEME:
                raise unauthenticated("API_KEY_MALFORMED", f"one API key or token is needed: {HOW}")
            bearer = text
    return bearer
