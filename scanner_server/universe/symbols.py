"""What may stand in a list of underlyings."""

import re
from collections.abc import Sequence
from typing import Final

MOST_SYMBOLS: Final = 500
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9 .-]{0,31}")


class InvalidSymbols(ValueError):  # noqa: N818 - reads as what it says
    """A list that can't be scanned.

    Attributes:
        index: of the entry at fault; None where it is the list.
        description: what is wrong.
    """

    def __init__(self, index: int | None, description: str) -> None:
        super().__init__(description if index is None else f"entry {index}: {description}")
        self.index = index
        self.description = description


def checked_symbols(symbols: Sequence[str]) -> tuple[str, ...]:
    """The symbols as they came.

    Raises:
        InvalidSymbols: none or more than `MOST_SYMBOLS`, one that is no ticker, or one twice.
    """
    if not 1 <= len(symbols) <= MOST_SYMBOLS:
        raise InvalidSymbols(None, f"must have 1 to {MOST_SYMBOLS} entries, not {len(symbols)}")
    first: dict[str, int] = {}
    for index, symbol in enumerate(symbols):
        if not _SYMBOL.fullmatch(symbol):
            raise InvalidSymbols(index, f"{symbol!r} is no ticker: A-Z, 0-9, space, dot and hyphen, 1 to 32")
        if first.setdefault(symbol, index) != index:
            raise InvalidSymbols(index, f"{symbol!r} is entry {first[symbol]} already")
    return tuple(symbols)
