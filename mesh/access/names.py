"""Names of callers, which own orders in the journal: safe in logs, stable, never those of someone else."""

import hashlib
import re
from typing import Final

from mesh.access.roles import ANONYMOUS

RESERVED: Final = frozenset({ANONYMOUS, "alert"})
LONGEST: Final = 64
_NAME: Final = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST}}}")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_DIGEST_CHARACTERS: Final = 32  # 128 bits: nobody finds two identities with one name


def checked_name(name: str) -> str:
    """The name, as files of keys and identities may give it.

    Raises:
        ValueError: It can't be used.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a name has 1 to 64 of A-Z a-z 0-9 . _ -")
    if name in RESERVED:
        raise ValueError(f"the name {name} is reserved")
    return name


def derived_name(source: str, identity: str) -> str:
    """The name of someone whom another system knows by `identity`: `source/identity`, at most 64 characters.

    No file can give a name with a slash. What is too long, or has other characters than such names, is told
    apart by a digest: `source/readable~digest`.
    """
    plain = f"{source}/{identity}"
    if _NAME.fullmatch(identity) and len(plain) <= LONGEST:
        return plain
    digest = hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
    room = LONGEST - len(source) - len(digest) - 2
    readable = _FOREIGN.sub("-", identity).strip("-")
    return f"{source}/{readable[-room:]}~{digest}"
