"""Identities that client certificates prove, and what each may do at most.

A SPIFFE ID names a workload (https://spiffe.io/docs/latest/spiffe-specs/spiffe-id/). The scanner is one, and
must never place an order, whatever it is sent: so an identity that may is told apart by a third word, the
name that its orders are kept under, and cannot come about by a slip in the second.
"""

import re
from typing import Final

from mesh.access.lines import each_line, role_word
from mesh.access.names import checked_name, derived_name
from mesh.access.roles import Caller, Role

SOURCE: Final = "spiffe"
_SPIFFE_ID: Final = re.compile(r"spiffe://[a-z0-9._-]{1,255}(/[A-Za-z0-9._-]+)+")
_LONGEST_ID: Final = 2048
_FIELDS: Final = (2, 3)


def parse_identities(text: str) -> dict[str, Caller]:
    """Callers by SPIFFE ID, from lines `spiffe-id role [name]`; empty lines and `#` comments pass.

    Raises:
        ValueError: A line can't be read; names its number.
    """
    callers: dict[str, Caller] = {}

    def take(words: list[str]) -> None:
        identity, caller = _parse_line(words)
        if identity in callers:
            raise ValueError("the identity is in a line before")
        callers[identity] = caller

    each_line(text, take)
    return callers


def _parse_line(words: list[str]) -> tuple[str, Caller]:
    if len(words) not in _FIELDS:
        raise ValueError(f"must be a SPIFFE ID, a role and perhaps a name, not {len(words)} words")
    identity, role = words[0], role_word(words[1])
    if not _SPIFFE_ID.fullmatch(identity) or len(identity) > _LONGEST_ID:
        raise ValueError("the first word is no SPIFFE ID, spiffe://trust-domain/path")
    if len(words) == max(_FIELDS):
        return identity, Caller(checked_name(words[2]), role)
    if role >= Role.TRADER:
        word = role.name.lower()
        raise ValueError(f"a {word} places orders: the third word must be the name that they are kept under")
    return identity, Caller(derived_name(SOURCE, identity.removeprefix("spiffe://")), role)
