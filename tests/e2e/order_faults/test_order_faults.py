"""The fault matrix of orders: real processes, killed where it hurts; docs/orders.md has the whole of it."""

import os
import random
from itertools import combinations, product

import pytest

from tests.e2e.order_faults.cells import Broker, Crash, Network, every_cell
from tests.e2e.order_faults.matrix import run_cells, table
from tests.e2e.order_faults.pairwise import pairs_of, pairwise_cover

WORKERS = int(os.environ.get("SPREADMESH_FAULT_WORKERS", "6"))


def test_the_matrix_has_1584_cells():
    assert len(every_cell()) == len(set(every_cell())) == 1584


@pytest.mark.parametrize("seed", range(3))
def test_a_cover_has_every_pair_in_as_few_cells_as_there_can_be(seed):
    cover = pairwise_cover(seed)
    wanted = {
        frozenset(pair)
        for one, other in combinations((Crash, Network, Broker), 2)
        for pair in product(one, other)
    }
    assert set().union(*map(pairs_of, cover)) == wanted
    assert len(cover) == len(Crash) * len(Broker)


@pytest.mark.timeout(900)
async def test_no_invariant_is_violated_in_a_pairwise_cover():
    seed = random.SystemRandom().randrange(10**6)
    outcomes = await run_cells(pairwise_cover(seed), seed, WORKERS)
    print(f"seed {seed}\n{table(outcomes)}")
    broken = {str(one.cell): one.violations for one in outcomes if one.violations}
    assert not broken, f"seed {seed}: {broken}"
    assert sum(one.reached for one in outcomes) > len(outcomes) * 0.7, "too few crashes were reached"
