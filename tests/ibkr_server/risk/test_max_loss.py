"""The largest loss against QuantLib's payoffs over a grid of prices, OptionLab's strategies, and paper."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
import QuantLib as ql  # noqa: N813 - its usual short name
from hypothesis import example, given
from hypothesis import strategies as st
from optionlab import Inputs, run_strategy

from ibkr_server.risk.max_loss import NEVER, Stake, added_loss, max_loss, worst_value
from tests.ibkr_server.risk.contracts import FAR, NEAR, D

STRIKES = (90, 95, 100, 105, 110)
GRID = [D(cents) / 2 for cents in range(500)]
"""Prices from 0 to 249.50: every strike, between them and far above."""
BEYOND = D(10**7)


def call(shares: int, strike: float, expires=NEAR) -> Stake:
    return Stake(D(shares), "C", D(str(strike)), expires)


def put(shares: int, strike: float, expires=NEAR) -> Stake:
    return Stake(D(shares), "P", D(str(strike)), expires)


def quantlib_payoff(stakes: Sequence[Stake], price: Decimal) -> Decimal:
    """What they are worth at expiration, by QuantLib."""
    kinds = {"C": ql.Option.Call, "P": ql.Option.Put}
    total = 0.0
    for stake in stakes:
        if stake.right is None:
            total += float(stake.shares * price)
        else:
            payoff = ql.PlainVanillaPayoff(kinds[stake.right], float(stake.strike))
            total += float(stake.shares) * payoff(float(price))
    return D(str(total))


counts = st.integers(-3, 3).filter(bool)
options = st.builds(
    lambda count, right, strike, expires: Stake(D(100 * count), right, D(strike), expires),
    counts,
    st.sampled_from("CP"),
    st.sampled_from(STRIKES),
    st.just(NEAR),
)
shares = st.builds(lambda count: Stake(D(100 * count)), counts)
combos = st.lists(st.one_of(options, options, options, shares), min_size=1, max_size=4)
costs = st.integers(-5000, 5000).map(D)


@given(combos.filter(lambda legs: all(leg.right or leg.shares > 0 for leg in legs)), costs)
def test_it_is_the_worst_of_a_fine_grid_of_prices(legs: list[Stake], cost: Decimal) -> None:
    worst = min(quantlib_payoff(legs, price) for price in GRID)
    falls = quantlib_payoff(legs, BEYOND) < quantlib_payoff(legs, BEYOND / 2)
    expected = None if falls else max(D(0), cost - worst)
    assert max_loss(cost, legs) == expected


def test_a_short_share_has_no_limit_unless_a_call_covers_it_for_ever() -> None:
    assert max_loss(D(-9000), [Stake(D(-100))]) is None
    assert max_loss(D(-9000), [Stake(D(-100)), call(100, 95, NEVER)]) == 500
    assert max_loss(D(-9000), [Stake(D(-100)), call(100, 95)]) is None


LAB = {
    "debit vertical": (("call", "buy", 100, 3.2, 1), ("call", "sell", 105, 1.2, 1)),
    "credit vertical": (("put", "sell", 100, 3.0, 1), ("put", "buy", 95, 1.1, 1)),
    "iron condor": (
        ("put", "buy", 90, 0.5, 1), ("put", "sell", 95, 1.1, 1),
        ("call", "sell", 105, 1.2, 1), ("call", "buy", 110, 0.4, 1),
    ),
    "butterfly": (
        ("call", "buy", 95, 6.1, 1), ("call", "sell", 100, 3.0, 2), ("call", "buy", 105, 1.2, 1),
    ),
    "broken wing": (
        ("put", "buy", 105, 6.0, 1), ("put", "sell", 100, 3.0, 2), ("put", "buy", 90, 0.7, 1),
    ),
    "cash secured put": (("put", "sell", 95, 1.1, 1),),
    "long straddle": (("call", "buy", 100, 3.2, 1), ("put", "buy", 100, 3.0, 1)),
    "put backspread": (("put", "sell", 105, 6.0, 1), ("put", "buy", 100, 3.0, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAB)
def test_strategies_against_optionlab(name: str) -> None:
    legs = LAB[name]
    lab = run_strategy(
        Inputs(
            stock_price=100.0,
            volatility=0.2,
            interest_rate=0.0,
            min_stock=0.0,
            max_stock=300.0,
            price_step=0.5,
            days_to_target_date=30,
            strategy=[
                {"type": kind, "strike": strike, "premium": premium, "n": 100 * n, "action": side}
                for kind, side, strike, premium, n in legs
            ],
        )
    )
    stakes, cost = [], D(0)
    for kind, side, strike, premium, n in legs:
        count = 100 * n if side == "buy" else -100 * n
        stakes.append(call(count, strike) if kind == "call" else put(count, strike))
        cost += count * D(str(premium))
    assert max_loss(cost, stakes) == D(str(round(-lab.minimum_return_in_the_domain, 6)))


PAPER = {
    # cost, stakes, loss
    "guts pay their width at least": (1200, [call(100, 90), put(100, 110)], 0),
    "guts above their width": (2150, [call(100, 90), put(100, 110)], 150),
    "protective put": (10_300, [Stake(D(100)), put(100, 95)], 800),
    "covered call": (9_700, [Stake(D(100)), call(-100, 105)], 9_700),
    "collar": (10_050, [Stake(D(100)), put(100, 95), call(-100, 105)], 550),
    "naked call": (-150, [call(-100, 105)], None),
    "ratio call spread": (-100, [call(100, 100), call(-200, 105)], None),
    "long calendar": (220, [call(100, 100, FAR), call(-100, 100)], 220),
    "reverse calendar is naked after its long": (-220, [call(-100, 100, FAR), call(100, 100)], None),
    "reverse put calendar": (-220, [put(-100, 100, FAR), put(100, 100)], 9_780),
    "diagonal with the long one lower": (700, [call(100, 95, FAR), call(-100, 105)], 700),
    "diagonal with the long one higher": (100, [call(100, 110, FAR), call(-100, 105)], 600),
    "double calendar": (
        400, [call(100, 105, FAR), call(-100, 105), put(100, 95, FAR), put(-100, 95)], 400,
    ),
    "a condor over two expirations can lose on both sides": (
        -300, [call(-100, 105), call(100, 110, FAR), put(-100, 95, FAR), put(100, 90, FAR)], 700,
    ),
    "nothing to lose": (-100, [call(100, 100)], 0),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPER)
def test_strategies_by_hand(name: str) -> None:
    cost, stakes, loss = PAPER[name]
    assert max_loss(D(cost), stakes) == (None if loss is None else D(loss))


later = st.builds(
    lambda count, right, strike, expires: Stake(D(100 * count), right, D(strike), expires),
    counts,
    st.sampled_from("CP"),
    st.sampled_from((95, 100, 105)),
    st.sampled_from((NEAR, FAR)),
)
COARSE = [D(price) for price in (0, 95, 100, 105, 200)]


def value_on_path(legs: Sequence[Stake], kept: Sequence[int], first: Decimal, second: Decimal) -> Decimal:
    """What a holder ends with who keeps so many hundreds of each later long and sells the rest at `first`."""
    total = sum((leg.payoff(first) for leg in legs if leg.expires == NEAR), D(0))
    total += sum((leg.payoff(second) for leg in legs if leg.expires == FAR and leg.shares < 0), D(0))
    longs = [leg for leg in legs if leg.expires == FAR and leg.shares > 0]
    for leg, hundreds in zip(longs, kept, strict=True):
        share = 100 * hundreds / leg.shares
        total += share * leg.payoff(second) + (1 - share) * leg.payoff(first)
    return total


@given(st.lists(later, min_size=1, max_size=4))
def test_over_two_expirations_a_holder_can_do_as_well_on_every_path(legs: list[Stake]) -> None:
    worst = worst_value(legs)
    longs = [leg for leg in legs if leg.expires == FAR and leg.shares > 0]
    plans = product(*(range(int(leg.shares / 100) + 1) for leg in longs))
    best = max(
        min(value_on_path(legs, kept, first, second) for first, second in product(COARSE, COARSE))
        for kept in plans
    )
    assert worst is None or best.quantize(D("0.0001")) >= worst


either = st.one_of(options, later)


@given(st.lists(either, min_size=1, max_size=4), st.lists(either, max_size=4), costs)
@example(
    [call(100, 95, FAR), call(100, 100), call(-100, 95)], [put(-100, 95, FAR)], D(0)
)  # held, the put takes the later call to its own expiration, where it is worth nothing
def test_what_is_held_never_makes_an_order_worse_than_it_is_alone(
    ordered: list[Stake], held: list[Stake], cost: Decimal
) -> None:
    alone, added = max_loss(cost, ordered), added_loss(cost, ordered, held)
    assert alone is None or (added is not None and added <= alone)


@given(st.lists(options, min_size=1, max_size=4), costs)
def test_with_nothing_held_it_is_the_loss_of_the_order(ordered: list[Stake], cost: Decimal) -> None:
    assert added_loss(cost, ordered, []) == max_loss(cost, ordered)


def test_to_close_a_spread_adds_no_loss() -> None:
    held = [put(-100, 100), put(100, 95)]
    assert added_loss(D(40), [put(100, 100), put(-100, 95)], held) == 0


def test_to_sell_a_long_option_adds_no_loss() -> None:
    assert added_loss(D(-120), [call(-100, 100)], [call(100, 100)]) == 0


def test_to_buy_back_a_naked_call_adds_no_loss() -> None:
    assert added_loss(D(120), [call(100, 100)], [call(-100, 100)]) == 0


def test_to_sell_more_than_is_held_is_naked() -> None:
    assert added_loss(D(-240), [call(-200, 100)], [call(100, 100)]) is None


def test_to_sell_the_long_leg_of_a_spread_leaves_the_short_one_naked() -> None:
    assert added_loss(D(-120), [call(-100, 100)], [call(100, 100), call(-100, 105)]) is None


def test_a_call_on_shares_that_are_held_is_covered() -> None:
    assert added_loss(D(-120), [call(-100, 105)], [Stake(D(100))]) == 0


def test_a_call_that_outlives_its_cover_is_naked() -> None:
    assert added_loss(D(-120), [call(-100, 105, NEAR + timedelta(hours=1))], [call(100, 100)]) is None
