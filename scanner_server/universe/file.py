"""Universes by name, from a TOML file: `name = ["SYMBOL", …]`."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scanner_server.universe.symbols import InvalidSymbols, checked_symbols

MOST_UNIVERSES: Final = 64
_NAME: Final = re.compile(r"[a-z0-9-]{1,64}")

Universes = Mapping[str, tuple[str, ...]]


def read_universes(path: Path) -> Universes:
    """The lists of a file, by name.

    Raises:
        ValueError: it can't be read, or has what can't be used; says which file, list and entry.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    if len(given) > MOST_UNIVERSES:
        raise ValueError(f"{path}: has {len(given)} lists, at most {MOST_UNIVERSES} may be given")
    return {name: _symbols(path, name, given[name]) for name in sorted(given)}


def _symbols(path: Path, name: str, given: Any) -> tuple[str, ...]:
    if not _NAME.fullmatch(name):
        raise ValueError(f'{path}: {name!r} is no name: 1 to 64 of a-z, 0-9 and "-"')
    if not isinstance(given, list) or not all(isinstance(symbol, str) for symbol in given):
        raise ValueError(f"{path}: {name} must be a list of tickers in quotes")
    try:
        return checked_symbols(given)
    except InvalidSymbols as error:
        raise ValueError(f"{path}: {name}: {error}") from None
