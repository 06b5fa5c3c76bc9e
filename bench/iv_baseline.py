"""The other process of `iv_solve`: py_vollib_vectorized, in the environment of its own that its pins ask for.

Reads the path of the prices; for each line on standard input solves once and prints the seconds; then saves.
"""

import sys
import time

import numpy as np
from py_vollib_vectorized import vectorized_implied_volatility_black  # type: ignore[import-not-found]  # not in our venv


def main(path: str) -> None:
    """Solve as often as asked."""
    with np.load(path) as file:
        price, forward, strike, years, flag = (file[name] for name in file.files)
    solved = np.empty(0)
    for _ in sys.stdin:
        start = time.perf_counter()
        solved = vectorized_implied_volatility_black(
            price, forward, strike, 0.0, years, flag, on_error="ignore", return_as="numpy"
        )
        print(time.perf_counter() - start, flush=True)
    np.save(path + ".solved.npy", solved)


if __name__ == "__main__":
    main(sys.argv[1])
