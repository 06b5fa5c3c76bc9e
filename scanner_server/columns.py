"""The column types shared by the pure part of the scanner, and the decorator of its compiled loops."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from numba import config

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Records: TypeAlias = Any  # an array of records, or one: fields are attributes, which mypy cannot see

P = ParamSpec("P")
R = TypeVar("R")


def _cache_directory() -> str:
    """A cache folder named by the sources: Numba alone does not see that a called function changed."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if b"@compiled" in (text := source.read_bytes()):
            digest.update(text)
    return str(package / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}")


if not getattr(config, "CACHE_DIR", ""):
    setattr(config, "CACHE_DIR", _cache_directory())  # noqa: B010 - the attribute is made at run time


_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "forceinline": True,
    "_nrt": False,
}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar loop with Numba: cached on disk, without the GIL, in IEEE arithmetic.

    Compiled functions allocate nothing: their callers hand them the arrays to fill. So reference counts can
    be left out (`_nrt`), which would cost more than the arithmetic, and so would calls with many columns.
    """
    return cast("Callable[P, R]", numba.njit(**_OPTIONS)(function))
