"""How a key or token travels: `authorization: Bearer …`, RFC 6750."""

from collections.abc import Iterable
from typing import Final

from mesh.errors import unauthenticated

AUTHORIZATION: Final = "authorization"
SCHEME: Final = "Bearer"
HOW: Final = f"send `{AUTHORIZATION}: {SCHEME} <API key or token>`"


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
