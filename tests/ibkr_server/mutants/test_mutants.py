"""Every invariant has a mutant, and each still fits the code that it breaks; `make test-faults` runs them."""

import re

import pytest

from tests.ibkr_server.mutants.__main__ import ROOT
from tests.ibkr_server.mutants.mutants import MUTANTS

INVARIANTS = 13


def test_every_invariant_has_one():
    assert {mutant.invariant for mutant in MUTANTS} == set(range(1, INVARIANTS + 1))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.does)
def test_it_fits(mutant):
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    file, _, name = mutant.test.partition("::")
    assert re.search(rf"def {name}\(", (ROOT / file).read_text()) if name else (ROOT / file).is_file()


def test_the_page_names_each_of_them():
    page = (ROOT / "docs" / "orders.md").read_text()
    assert not [mutant.does for mutant in MUTANTS if mutant.does not in page]
