"""Branch and bound lists what ranking every spread lists: order, scores, and what ticks make of them."""

import math
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.figures.probability import probability_above
from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.filters.rules import PASSED, payoff_failure, quote_failure, range_failure, rules_of
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking import envelopes, pruning
from scanner_server.ranking.bounds import Bounding, bound
from scanner_server.ranking.boxes import Shape, boxes_of
from scanner_server.ranking.envelopes import envelope_of, least_above, most_above
from scanner_server.ranking.full_pass import TooManyCandidates
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.kernel import blank_details, describe, weighted
from scanner_server.ranking.ranges import KNOWN, unknown_ranges
from scanner_server.ranking.ranking import Ranking
from scanner_server.ranking.view import View, inputs_of
from scanner_server.score.weights import BALANCED, COMPONENTS
from scanner_server.strategies.registry import resolve
from scanner_server.strategies.strategy import Strategy, keys_of
from tests.scanner_server.market import Market, random_market
from tests.scanner_server.ranking.test_incremental import CHANCES, EVENTS, Live

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
PLATEAUS = (
    "iron_condor",
    "reverse_iron_condor",
    "iron_butterfly",
    "reverse_iron_butterfly",
    "call_condor",
    "put_condor",
)


def ranked(view: View, spec: ScanSpec, few: int) -> Ranking:
    with patch.object(pruning, "FEW", few):
        return scan(view, spec)


def spreads(ranking: Ranking) -> list[tuple[str, tuple[int, ...], float, float]]:
    return [(c.strategy, c.rows, c.score, c.figure("max_loss")) for c in ranking.candidates]


def odd_market(seed: int, strikes: int) -> Market:
    """A market in which some prices are off the smile, some without a volatility, some of a huge width."""
    market = random_market(seed, strikes=strikes)
    rng = np.random.default_rng(seed)
    quotes, n = market.quotes, len(market.chain)
    wild = np.flatnonzero(rng.random(n) < rng.choice([0.0, 0.1, 0.4]))
    factor = rng.choice([0.01, 0.7, 1.4, 5.0, 40.0], len(wild))
    bid = np.round(np.nan_to_num(quotes.bid[wild]) * factor, 2)
    spread = rng.choice([0.0, 0.02, 0.5, 500.0], len(wild), p=[0.2, 0.4, 0.3, 0.1])
    quotes.update(wild, bid=bid, ask=np.maximum(bid + spread, 0.01))
    return market


RANGES = st.dictionaries(
    st.sampled_from(
        [
            "probability_of_profit",
            "return_on_risk",
            "return_on_risk_after_commission",
            "annualized_return_on_risk",
            "max_loss",
            "max_profit",
            "max_loss_cash",
            "max_profit_cash",
            "fill_price",
            "net_mid",
            "net_natural",
            "delta",
            "gamma",
            "vega",
            "theta",
            "rho",
            "width",
            "width_to_expected_move",
            "liquidity",
            "expected_value",
            "expected_value_cash",
            "margin_efficiency",
            "kelly_fraction",
            "sold_implied_volatility",
            "bought_implied_volatility",
            "breakeven_distance",
            "theta_vega_ratio",
        ]
    ),
    st.sampled_from([Range(0), Range(0.05, 0.5), Range(None, 0.3), Range(None, 2), Range(1), Range(-1, 0)]),
    max_size=2,
)
WEIGHTS = st.one_of(
    st.just(BALANCED),
    st.dictionaries(st.sampled_from(COMPONENTS), st.floats(0.01, 1), min_size=1),
)
SPECS = st.builds(
    ScanSpec,
    strategies=st.lists(st.sampled_from(PLATEAUS), min_size=1, max_size=3, unique=True).map(tuple),
    ranges=RANGES.flatmap(lambda ranges: st.sampled_from([OPEN | ranges, ranges])),
    weights=WEIGHTS,
    slippage=st.sampled_from([0.0, 0.25, 1.0]),
    rank_by=st.sampled_from(
        ["score", "score", "score", "expected_value", "return_on_risk", "probability_of_profit", "theta"]
    ),
    forecast_volatility=st.sampled_from([None, 0.2, 0.9]),
    limit=st.integers(1, 40),
)


@pytest.mark.timeout(400)  # it may have to compile every loop
@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 1_000_000), strikes=st.integers(4, 11), spec=SPECS)
def test_pruning_lists_what_forming_every_spread_lists(seed: int, strikes: int, spec: ScanSpec) -> None:
    view = odd_market(seed, strikes).view
    every, pruned = ranked(view, spec, 10**9), ranked(view, spec, 0)
    assert spreads(pruned) == spreads(every)
    assert pruned.counts.formed == every.counts.formed
    assert 0 <= pruned.counts.pruned <= pruned.counts.formed
    assert pruned.counts.qualified <= every.counts.qualified


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1_000_000), spec=SPECS, spare=st.integers(0, 12))
def test_ticks_change_a_pruned_ranking_as_they_change_a_whole_one(
    seed: int, spec: ScanSpec, spare: int
) -> None:
    rng = np.random.default_rng(seed)
    with patch.object(pruning, "FEW", 0):
        live = Live(odd_market(seed, 7), spec, spare)
    for event in rng.choice(EVENTS, 8, p=CHANCES).tolist():
        with patch.object(pruning, "FEW", 0):
            found = live.ranked_after(event, rng)
        assert spreads(found) == spreads(ranked(live.view, spec, 10**9))


def bounding(market: Market, strategy: Strategy, spec: ScanSpec) -> Bounding:
    """Bounds on the spreads that all contracts of the first expiration make."""
    chain, plateau = market.chain, strategy.plateau
    assert plateau is not None
    inputs = inputs_of(market.view, spec, np.arange(len(chain), dtype=np.int32))
    listed = {
        kind: np.flatnonzero((chain.expiration == 0) & (chain.is_call == (kind == "C"))).astype(np.int32)
        for kind in "CP"
    }
    quantities = np.array(strategy.quantities, np.float64)
    one_right = len({leg.kind for leg in strategy.legs}) == 1
    shape = Shape(*plateau, float(quantities[0]), one_right)
    strikes = chain.strike[chain.expiration == 0]
    return Bounding(
        inputs,
        rules_of(spec),
        0,
        boxes_of(inputs, [listed[leg.kind] for leg in strategy.legs], keys_of(chain), quantities, shape),
        shape,
        envelope_of(inputs.expiries[0], inputs.smile, strikes.min(), strikes.max()),
        4 * spec.commission_per_contract,
        False,
        unknown_ranges(),
        np.zeros(len(COMPONENTS)),
    )


def some_boxes(by: Bounding, rng: np.random.Generator) -> np.ndarray:
    """Small boxes around the legs of a spread."""
    start, size = by.boxes.start, by.boxes.size
    strikes = np.sort(rng.choice(size[0, 0], 4, replace=False))
    if by.shape.is_level:
        strikes[2] = strikes[1]
    around = (size > 0) & (size <= 4) & (start <= strikes[:, None]) & (strikes[:, None] < start + size)
    return np.array([rng.choice(np.flatnonzero(of)) for of in around])


def spreads_in(by: Bounding, nodes: np.ndarray, key: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of every spread of a combination of boxes."""
    boxes = by.boxes
    held = [boxes.rows[k, boxes.start[k, n] :][: boxes.size[k, n]] for k, n in enumerate(nodes)]
    for chosen in np.stack(np.meshgrid(*held), axis=-1).reshape(-1, 4):
        up = np.sign(np.diff(key[chosen])).tolist()
        if up == [1, 0 if by.shape.is_level else 1, 1] and not np.isnan(by.inputs.legs["mid"][chosen]).any():
            yield chosen


def check_bound(by: Bounding, strategy: Strategy, chosen: np.ndarray, most: float) -> None:
    """A spread that qualifies is within all ranges, and none of its parts, nor its worth, above its most."""
    inputs, rules, details = by.inputs, by.rules, blank_details(1)
    quantities = np.array([strategy.quantities], np.float64)
    describe(inputs, chosen[None], quantities, details)
    f, parts = details.figures[0], details.parts[0]
    value = float(f[rules.rank_figure]) if rules.rank_figure >= 0 else weighted(parts, rules.weights)
    failures = [
        quote_failure(rules, inputs.legs, chosen, quantities[0], f),
        payoff_failure(rules, f),
        range_failure(rules, rules.costly, f),
    ]
    if math.isnan(value) or any(failure != PASSED for failure in failures):
        return
    assert value <= most
    for figure in KNOWN:
        slack = 1e-9 * (1 + abs(f[figure]))
        assert not f[figure] < by.ranges.low[figure] - slack, FIGURE_NAMES[figure]
        assert not f[figure] > by.ranges.high[figure] + slack, FIGURE_NAMES[figure]
    if rules.rank_figure < 0:
        assert (parts <= by.parts + 1e-9).all()


@pytest.mark.timeout(400)  # it may have to compile every loop
@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 1_000_000),
    strategy=st.sampled_from(PLATEAUS).map(lambda name: resolve((name,))[0]),
    spec=SPECS,
)
def test_no_spread_of_a_combination_of_boxes_is_worth_more_than_its_bound(
    seed: int, strategy: Strategy, spec: ScanSpec
) -> None:
    rng, market = np.random.default_rng(seed), odd_market(seed, 8)
    by, key = bounding(market, strategy, spec), keys_of(market.chain)
    for _ in range(40):
        nodes = some_boxes(by, rng)
        most = bound(by, nodes)
        for chosen in spreads_in(by, nodes, key):
            check_bound(by, strategy, chosen, most)


@pytest.mark.parametrize("cells", [20, 60, 2048])
@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 1_000_000), strikes=st.integers(1, 12))
def test_every_probability_is_inside_its_envelope(cells: int, seed: int, strikes: int) -> None:
    market = odd_market(seed, strikes)
    inputs = inputs_of(market.view, ScanSpec(), np.arange(len(market.chain), dtype=np.int32))
    for e, expiry in enumerate(inputs.expiries):
        listed = market.chain.strike[market.chain.expiration == e]
        with patch.object(envelopes, "CELLS", cells):
            envelope = envelope_of(expiry, inputs.smile, listed.min(), listed.max())
        rng = np.random.default_rng(seed)
        prices = np.sort(np.append(rng.uniform(listed.min(), listed.max(), 400), listed))
        above = [
            probability_above(math.log(price / expiry["forward"]), expiry, inputs.smile) for price in prices
        ]
        if math.isnan(expiry["atm_iv"]):
            assert np.isnan(most_above(prices[0], envelope))
            continue
        for k, price in enumerate(prices):
            assert max(above[k:]) <= most_above(price, envelope)
            assert min(above[: k + 1]) >= least_above(price, envelope)


def test_most_spreads_are_never_looked_at() -> None:
    view = random_market(3, strikes=25).view
    spec = ScanSpec(strategies=("iron_condor", "call_condor"), ranges=OPEN, limit=5)
    counts = scan(view, spec).counts
    assert counts.formed == ranked(view, spec, 10**9).counts.formed
    assert counts.pruned > 0.9 * counts.formed


def test_a_search_that_has_to_look_at_too_much_is_refused() -> None:
    view = random_market(3, strikes=25).view
    spec = ScanSpec(strategies=("iron_condor",), ranges=OPEN, limit=5)
    counts = scan(view, spec).counts
    looked = counts.formed - counts.pruned
    assert 0 < looked < counts.formed
    assert scan(view, spec, most=counts.formed).counts == counts
    with pytest.raises(TooManyCandidates) as refusal:
        scan(view, spec, most=looked)
    assert (refusal.value.formed, refusal.value.most) == (counts.formed, looked)
