"""What a mesh in front of several scanners routes by: the same underlying goes to the same one."""

from typing import Final

UNDERLYING_KEY: Final = "x-spreadmesh-underlying"
"""Header of every call about one underlying: for consistent hashing in Envoy, Istio or any other proxy."""


def underlying_header(symbol: str) -> tuple[tuple[str, str], ...]:
    """Metadata that names the underlying; none where a header can't carry it, which no symbol is like."""
    return ((UNDERLYING_KEY, symbol),) if symbol.isascii() and symbol.isprintable() and symbol.strip() else ()
