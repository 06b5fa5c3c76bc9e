"""API keys: 256 random bits each, of which only the SHA-256 is kept.

Slow, salted hashes protect what people make up, which can be guessed from a stolen hash. To guess 256 random
bits takes 2^255 attempts however fast each is, and no key is given twice; so a plain hash is as good, and
checking it takes a microsecond and not a tenth of a second of the event loop.
"""

import hashlib
import re
import secrets
from typing import Final

from mesh.access.roles import ANONYMOUS, Caller, Role, parse_role

PREFIX: Final = "smk_"
"""Lets scanners for leaked secrets find keys."""
KEY_BYTES: Final = 32
RESERVED: Final = frozenset({ANONYMOUS, "alert"})
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
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
    return f"{_checked_name(name)} {role.name.lower()} {key_hash(key)}"


def parse_keys(text: str) -> dict[str, Caller]:
    """Callers by the hash of their key, from lines `name role sha256`; empty lines and `#` comments pass.

    A caller may have several keys, of one role.

    Raises:
        ValueError: A line can't be read; names its number and not what it holds.
    """
    callers: dict[str, Caller] = {}
    roles: dict[str, Role] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        try:
            caller, key = _parse_line(fields)
            if roles.setdefault(caller.name, caller.role) is not caller.role:
                raise ValueError("the same name has another role in a line before")
            if key in callers:
                raise ValueError("the key is in a line before")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        callers[key] = caller
    return callers


def _parse_line(fields: list[str]) -> tuple[Caller, str]:
    if len(fields) != _FIELDS:
        raise ValueError(f"must be a name, a role and a SHA-256, not {len(fields)} words")
    name, role, key = fields
    if not _HASH.fullmatch(key):
        raise ValueError("the third word is no SHA-256 in lower-case hexadecimal")
    return Caller(_checked_name(name), _checked_role(role)), key


def _checked_role(text: str) -> Role:
    try:
        return parse_role(text)
    except ValueError:  # which quotes the word: it may be a key in the wrong place
        raise ValueError("the second word is no role") from None


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a name has 1 to 64 of A-Z a-z 0-9 . _ -")
    if name in RESERVED:
        raise ValueError(f"the name {name} is reserved")
    return name
