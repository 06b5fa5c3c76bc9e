"""The column types shared by the pure part of the scanner, and the decorator of its compiled loops."""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
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


def _cache_directory() -> Path | None:
    """A writable folder for machine code, named by the sources; None where there is none.

    Numba alone does not see that a called function has changed: a change of any compiled source needs a
    folder of its own.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if b"@compiled" in (text := source.read_bytes()):
            digest.update(text)
    name = f"{CACHE_PREFIX}{digest.hexdigest()[:16]}"
    installed = package / "__pycache__" / name
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (installed, user_cache / "spreadmesh" / name):
        with suppress(OSError):
            if installed.exists() and not folder.exists():
                _copy(installed, folder)
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
    return None


def _copy(installed: Path, folder: Path) -> None:
    """Numba reads only where it may write: take along what was compiled when this was installed.

    Raises:
        OSError: It can't be written there.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        shutil.copytree(installed, Path(scratch) / folder.name)
        with suppress(OSError):  # another process was quicker
            (Path(scratch) / folder.name).rename(folder)


CACHE_PREFIX = "compiled-"
_chosen = getattr(config, "CACHE_DIR", "")  # by NUMBA_CACHE_DIR; the attribute is made at run time
CACHE: Path | None = Path(_chosen) if _chosen else _cache_directory()
setattr(config, "CACHE_DIR", str(CACHE or ""))  # noqa: B010 - as above

_OPTIONS: dict[str, Any] = {
    "cache": CACHE is not None,
    "nogil": True,
    "error_model": "numpy",
    "forceinline": True,
    "_nrt": False,
}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar loop with Numba: cached on disk where possible, without the GIL, in IEEE arithmetic.

    Compiled functions allocate nothing: their callers hand them the arrays to fill. So reference counts can
    be left out (`_nrt`), which would cost more than the arithmetic, and so would calls with many columns.
    """
    return cast("Callable[P, R]", numba.njit(**_OPTIONS)(function))
