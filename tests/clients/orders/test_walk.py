from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadmesh_client.orders import WalkPolicy, walk_limits

TICKS = st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.10")])
PRICES = st.decimals(-50, 50, places=3)
SHARES = st.decimals(0, 1, places=2)
STEPS = st.none() | st.decimals("0.01", 5, places=2)


def texts(limits: tuple[Decimal, ...]) -> list[str]:
    return [str(limit) for limit in limits]


@settings(deadline=None)
@given(PRICES, st.decimals(-1, 2, places=3), TICKS, SHARES, STEPS, st.none() | PRICES)
def test_limits_rise_within_every_bound(
    mid: Decimal, width: Decimal, tick: Decimal, share: Decimal, step: Decimal | None, worst: Decimal | None
) -> None:
    natural = mid + width
    try:
        limits = walk_limits(mid, natural, tick, WalkPolicy(step=step, share=share, worst_price=worst))
    except ValueError:
        assert step is not None
        assert width / step > 99
        return
    assert limits
    assert all(limit % tick == 0 for limit in limits)
    assert all(low < high for low, high in pairwise(limits))
    assert limits[0] <= mid
    for limit in limits:
        assert limit <= max(mid, mid + share * (natural - mid))
        assert worst is None or limit <= worst
    if step is not None:
        assert all(high - low < step + tick for low, high in pairwise(limits))


@settings(deadline=None)
@given(PRICES, st.decimals("0.2", 2, places=3), TICKS)
def test_the_whole_width_ends_within_a_tick_of_natural(mid: Decimal, width: Decimal, tick: Decimal) -> None:
    limits = walk_limits(mid, mid + width, tick, WalkPolicy())
    assert 0 <= mid + width - limits[-1] < tick
    assert 0 <= mid - limits[0] < tick
    assert len(limits) <= 7


def test_a_credit_is_given_up_step_by_step() -> None:
    policy = WalkPolicy(step=Decimal("0.03"))
    limits = walk_limits(Decimal("-1.225"), Decimal("-1.15"), Decimal("0.01"), policy)
    assert texts(limits) == ["-1.23", "-1.20", "-1.17", "-1.15"]


def test_a_share_stops_half_way_and_a_worst_price_before_it() -> None:
    half = WalkPolicy(step=Decimal("0.05"), share=Decimal("0.5"))
    assert texts(walk_limits(Decimal(2), Decimal("2.20"), Decimal("0.01"), half)) == ["2.00", "2.05", "2.10"]
    worst = WalkPolicy(step=Decimal("0.05"), worst_price=Decimal("2.07"))
    assert texts(walk_limits(Decimal(2), Decimal("2.20"), Decimal("0.01"), worst)) == [
        "2.00",
        "2.05",
        "2.07",
    ]


def test_a_worst_price_better_than_mid_is_the_only_limit() -> None:
    policy = WalkPolicy(worst_price=Decimal("1.80"))
    assert texts(walk_limits(Decimal(2), Decimal("2.20"), Decimal("0.01"), policy)) == ["1.80"]


def test_a_crossed_market_is_no_reason_to_pay_more_than_mid() -> None:
    assert texts(walk_limits(Decimal(2), Decimal("1.90"), Decimal("0.01"), WalkPolicy())) == ["2.00"]


@pytest.mark.parametrize(
    "values",
    [
        {"step": Decimal(0)},
        {"step": Decimal("NaN")},
        {"share": Decimal("1.01")},
        {"share": Decimal("-0.1")},
        {"seconds_per_step": 0},
        {"worst_price": Decimal("Infinity")},
    ],
)
def test_a_policy_without_sense_is_refused(values: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="must be"):
        WalkPolicy(**values)


def test_a_thousand_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 100"):
        walk_limits(Decimal(0), Decimal(10), Decimal("0.01"), WalkPolicy(step=Decimal("0.01")))
