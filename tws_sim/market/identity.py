"""Contract ids that depend on nothing but what they name."""

import hashlib


def derived_id(*what: object) -> int:
    """An id in [400 million, 2^31) that depends on nothing but ``what``."""
    digest = hashlib.blake2b("|".join(map(str, what)).encode(), digest_size=8).digest()
    return 400_000_000 + int.from_bytes(digest) % (2**31 - 400_000_000)
