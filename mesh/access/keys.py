"""API keys: 256 random bits each, of which only the SHA-256 is kept.

Slow, salted hashes protect what people make up, which can be guessed from a stolen hash. To guess 256 random
bits takes 2^255 attempts however fast each is, and no key is given twice; so a plain hash is as good, and
checking it takes a microsecond and not a tenth of a second of the event loop.
"""

import hashlib
import re
import secrets
from typing import Final

from mesh.access.lines import each_line, role_word
from mesh.access.names import checked_name
from mesh.access.roles import Caller, Role

PREFIX: Final = "smk_"
"""Lets scanners for leaked secrets find keys."""
KEY_BYTES: Final = 32
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = 3


def new_key() -> str:
    """A key that nobody has."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def key_hash(key: str) -> str:
    """What is kept of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_line(name: str, role: Role, key: str) -> str:
    """The line that lets `key` in, as `parse_keys` reads it.

    Raises:
        ValueError: The name can't be used.
    """
    return f"{checked_name(name)} {role.name.lower()} {key_hash(key)}"


def parse_keys(text: str) -> dict[str, Caller]:
    """Callers by the hash of their key, from lines `name role sha256`; empty lines and `#` comments pass.

    A caller may have several keys, of one role.

    Raises:
        ValueError: A line can't be read; names its number and not what it holds.
    """
    callers: dict[str, Caller] = {}
    roles: dict[str, Role] = {}

    def take(words: list[str]) -> None:
        caller, key = _parse_line(words)
        if roles.setdefault(caller.name, caller.role) is not caller.role:
            raise ValueError("the same name has another role in a line before")
        if key in callers:
            raise ValueError("the key is in a line before")
        callers[key] = caller

    each_line(text, take)
    return callers


def _parse_line(words: list[str]) -> tuple[Caller, str]:
    if len(words) != _FIELDS:
        raise ValueError(f"must be a name, a role and a SHA-256, not {len(words)} words")
    name, role, key = words
    if not _HASH.fullmatch(key):
        raise ValueError("the third word is no SHA-256 in lower-case hexadecimal")
    return Caller(checked_name(name), role_word(role)), key
