"""Reading LEAN's zipped CSV files of one day.

Layout: https://github.com/QuantConnect/Lean/tree/master/Data. A quote row is ms since midnight in New York,
bid open, high, low, close, size, ask open, high, low, close, size; a trade row is ms, open, high, low, close,
volume; an open interest row is ms, contracts. Prices are USD x 10,000. A side without an update in its minute
is empty.
"""

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tws_sim.market.instrument import Right

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = Literal["quote", "trade", "openinterest"]

PRICE_SCALE = 10_000.0
MISSING = -1.0
COLUMNS: dict[Kind, int] = {"quote": 11, "trade": 6, "openinterest": 2}


class ReplayError(ValueError):
    """The data folder does not hold what was asked for, or holds it in another shape."""


class ContractKey(NamedTuple):
    """What a file name says about its contract."""

    expiration: date
    strike: float
    right: Right


@dataclass(frozen=True)
class Table:
    """Rows of all files of one kind, file after file: ``owner[i]`` is the file of ``rows[i]``."""

    names: list[str]
    owner: Ints
    rows: Floats


def option_path(folder: Path, symbol: str, day: date, kind: Kind) -> Path:
    """The zip of a day's option bars of one kind."""
    return folder / "option/usa/minute" / symbol.lower() / f"{day:%Y%m%d}_{kind}_american.zip"


def share_path(folder: Path, symbol: str, day: date, kind: Kind) -> Path:
    """The zip of a day's share bars of one kind."""
    return folder / "equity/usa/minute" / symbol.lower() / f"{day:%Y%m%d}_{kind}.zip"


def contract_key(name: str) -> ContractKey:
    """The contract of ``<date>_<symbol>_minute_<kind>_american_<right>_<strike x 10000>_<expiration>.csv``.

    Raises:
        ReplayError: the name has another shape.
    """
    try:
        right, strike, expiration = name.removesuffix(".csv").split("_")[-3:]
        rights: dict[str, Right] = {"call": "C", "put": "P"}
        return ContractKey(
            datetime.strptime(expiration, "%Y%m%d").date(),
            int(strike) / PRICE_SCALE,
            rights[right],
        )
    except (KeyError, ValueError):
        raise ReplayError(f"{name} is no name of an option file") from None


def read_table(path: Path, kind: Kind) -> Table:
    """All rows of a zip; a missing figure is ``MISSING``.

    The files are parsed as one text by one numpy call: a thousand small files cost as much as one large one.

    Raises:
        ReplayError: no such file, no zip, or rows of another shape.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            texts = [archive.read(name).strip() for name in names]
    except FileNotFoundError:
        raise ReplayError(f"no file {path}") from None
    except (OSError, zipfile.BadZipFile) as problem:
        raise ReplayError(f"{path}: {problem}") from None
    counts = [text.count(b"\n") + 1 if text else 0 for text in texts]
    joined = b",".join(b",".join(_filled(text).split()) for text in texts if text)
    try:
        with warnings.catch_warnings(
            action="error", category=DeprecationWarning
        ):  # numpy's word for bad text
            numbers = np.fromstring(joined.decode("ascii"), dtype=np.float64, sep=",")
        rows = numbers.reshape(sum(counts), COLUMNS[kind])
    except (DeprecationWarning, UnicodeDecodeError, ValueError):
        raise ReplayError(f"{path}: rows do not have {COLUMNS[kind]} numbers each") from None
    return Table(names, np.repeat(np.arange(len(names)), counts), rows)


def _filled(text: bytes) -> bytes:
    """The text with ``MISSING`` for every empty field."""
    if b",," in text:
        text = text.replace(b",,", b",-1,").replace(b",,", b",-1,")
    return (text + b"\n").replace(b",\r", b",-1\r").replace(b",\n", b",-1\n")


def available_days(folder: Path, symbol: str) -> Iterator[str]:
    """Dates (YYYYMMDD) for which there are option quotes of a symbol."""
    for path in sorted((folder / "option/usa/minute" / symbol.lower()).glob("*_quote_american.zip")):
        yield path.name[:8]
