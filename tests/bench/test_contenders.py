"""Contenders compute the same, and a difference between them is noticed before anything is timed."""

import numpy as np
import pytest

from bench.result import at_most, faster, more
from bench.scan_full_open import LIMIT, SLIPPAGE, check, open_scan
from bench.scan_full_selective import filtered_afterwards, selective_scan
from bench.scan_market import PAIRS, Market, market
from bench.verticals_gather import gather_scan


@pytest.fixture(scope="module")
def of() -> Market:
    return market()


def test_the_scan_and_the_gather_list_the_same_verticals(of: Market) -> None:
    ranking = open_scan(of)
    assert ranking.counts.formed == 2 * PAIRS == 1_592_000
    with np.errstate(all="ignore"):
        check(ranking, [gather_scan(of, slippage=SLIPPAGE, limit=LIMIT)])


def test_filters_before_pairs_are_formed_list_what_filters_afterwards_do(of: Market) -> None:
    check(selective_scan(of), [filtered_afterwards(of)])


def test_a_difference_of_figures_is_noticed(of: Market) -> None:
    with np.errstate(all="ignore"):
        other = gather_scan(of, slippage=SLIPPAGE + 1e-6, limit=LIMIT)
    with pytest.raises(AssertionError):
        check(open_scan(of), [other])


def test_a_ratio_above_one_is_better() -> None:
    assert faster("time", 0.5, 1.0, goal=2).ratio == 2
    assert faster("time", 0.5, 1.0, goal=2).met
    assert more("rate", 3.0, "1/s", 2.0, goal=1.6).ratio == 1.5
    assert not more("rate", 3.0, "1/s", 2.0, goal=1.6).met
    assert at_most("error", 1e-13, "", 1e-12).met
    assert not at_most("error", 2e-12, "", 1e-12).met
