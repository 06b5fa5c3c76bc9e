"""`python -m tests.e2e.order_faults`: the fault matrix, whole or a pairwise cover of it; prints a table."""

import argparse
import asyncio
import random
import sys

from tests.e2e.order_faults.cells import every_cell
from tests.e2e.order_faults.matrix import Outcome, run_cells, table
from tests.e2e.order_faults.pairwise import pairwise_cover


def main() -> int:
    """Status 1 where an invariant was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.order_faults", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every cell instead of a pairwise cover")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats a run")
    parser.add_argument("--workers", type=int, default=6, help="cells at a time")
    parser.add_argument("--only", default="", help="cells whose name contains this")
    options = parser.parse_args()
    cells = every_cell() if options.all else pairwise_cover(options.seed)
    cells = [cell for cell in cells if options.only in str(cell)]
    print(f"{len(cells)} cells, seed {options.seed}", flush=True)
    outcomes = asyncio.run(run_cells(cells, options.seed, options.workers, _tell))
    print(table(outcomes))
    return int(any(outcome.violations for outcome in outcomes))


def _tell(outcome: Outcome) -> None:
    mark = "FAILED" if outcome.violations else "ok"
    print(
        f"{mark:6} {outcome.cell}  {outcome.seconds:.1f} s{'' if outcome.reached else ', not reached'}",
        flush=True,
    )
    for line in outcome.violations:
        print(f"       {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
