"""Curves against QuantLib's Black formula and against payoffs written down by hand."""

import math

import pytest
import QuantLib as ql  # noqa: N813 - its usual short name
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Surface, SurfaceExpiration
from spreadmesh_client.payoff.chart import payoff_chart
from spreadmesh_client.payoff.curve import Term
from spreadmesh_client.payoff.spread import at_expiration, today

NEAR = SurfaceExpiration(
    expiration="2026-12-18",
    years=0.08,
    forward=101.0,
    smile_x=[-0.3, -0.1, 0.0, 0.2],
    smile_volatility=[0.4, 0.27, 0.22, 0.2],
)
FAR = SurfaceExpiration(expiration="2027-01-15", years=0.17, forward=102.5)
SURFACE = Surface(spot=100.0, rate=0.04, expirations=[NEAR, FAR])
KINDS = {Right.RIGHT_CALL: ql.Option.Call, Right.RIGHT_PUT: ql.Option.Put}

shares = st.floats(1, 400)
rights = st.sampled_from([Right.RIGHT_CALL, Right.RIGHT_PUT])
quantities = st.integers(-3, 3).filter(bool)
strikes = st.floats(60, 160)


def option(
    strike: float, right: int, quantity: int, volatility: float | None, expiry: SurfaceExpiration = NEAR
) -> Leg:
    return Leg(
        expiration=expiry.expiration,
        strike=strike,
        right=right,  # type: ignore[arg-type] # the stub wants the enumeration's type
        quantity=quantity,
        multiplier=100,
        implied_volatility=volatility,
    )


def spread(*legs: Leg, price: float = 0.0) -> Candidate:
    return Candidate(legs=legs, fill_price=price, expiration=NEAR.expiration)


@given(st.floats(1e-3, 1e4), st.floats(1, 500), st.floats(1e-4, 4), st.sampled_from([1, -1]))
def test_a_term_is_blacks_formula(share: float, strike: float, deviation: float, sign: int) -> None:
    kind = ql.Option.Call if sign > 0 else ql.Option.Put
    expected = ql.blackFormula(kind, strike, share * 1.01, deviation, 0.97)
    assert Term(1, strike, sign, 1.01, deviation, 0.97).value(share) == pytest.approx(
        expected, abs=1e-12 * (share + strike)
    )


def test_a_worthless_share_leaves_the_puts() -> None:
    assert Term(2, 90, -1, 1.01, 0.3, 0.97).value(0) == 2 * 0.97 * 90
    assert Term(2, 90, 1, 1.01, 0.3, 0.97).value(0) == 0


@given(st.lists(st.tuples(strikes, rights, quantities, st.floats(0.05, 2)), min_size=1, max_size=4), shares)
def test_today_each_leg_has_its_own_volatility(
    legs: list[tuple[float, int, int, float]], share: float
) -> None:
    curve = today(spread(*(option(*leg) for leg in legs), price=1.5), SURFACE)
    assert curve is not None
    discount = math.exp(-0.04 * 0.08)
    values = (
        quantity * ql.blackFormula(KINDS[right], strike, share * 1.01, iv * math.sqrt(0.08), discount)
        for strike, right, quantity, iv in legs
    )
    assert curve.profit(share) == pytest.approx(sum(values) - 1.5, abs=1e-9)


@given(shares)
def test_a_butterfly_at_expiration(share: float) -> None:
    legs = [(90.0, 1), (100.0, -2), (110.0, 1)]
    call = Right.RIGHT_CALL
    curve = at_expiration(spread(*(option(k, call, q, None) for k, q in legs), price=2.0), SURFACE)
    assert curve is not None
    assert curve.profit(share) == pytest.approx(max(10 - abs(share - 100), 0) - 2, abs=1e-9)


@given(shares)
def test_shares_count_as_shares(share: float) -> None:
    covered = spread(Leg(quantity=100, multiplier=1), option(110, Right.RIGHT_CALL, -1, 0.2), price=98.0)
    at_end, now = at_expiration(covered, SURFACE), today(covered, SURFACE)
    assert at_end is not None
    assert now is not None
    assert at_end.profit(share) == pytest.approx(min(share, 110) - 98, abs=1e-9)
    call = ql.blackFormula(ql.Option.Call, 110, share * 1.01, 0.2 * math.sqrt(0.08), math.exp(-0.0032))
    assert now.profit(share) == pytest.approx(share - call - 98, abs=1e-9)


@given(strikes, rights, st.floats(0.3, 0.9), shares)
def test_a_later_leg_is_priced_again_at_the_nearest_expiration(
    strike: float, right: int, volatility: float, share: float
) -> None:
    calendar = spread(option(strike, right, -1, 0.3), option(strike, right, 1, volatility, FAR), price=1.0)
    curve = at_expiration(calendar, SURFACE)
    x = min(max(math.log(strike / 101), -0.3), 0.2)
    near = float(PchipInterpolator(NEAR.smile_x, NEAR.smile_volatility)(x))
    variance = volatility**2 * 0.17 - near**2 * 0.08
    if variance <= 0:
        assert curve is None
        return
    assert curve is not None
    sign = 1 if right == Right.RIGHT_CALL else -1
    far = ql.blackFormula(
        KINDS[right], strike, share * 102.5 / 101, math.sqrt(variance), math.exp(-0.04 * 0.09)
    )
    assert curve.profit(share) == pytest.approx(far - max(sign * (share - strike), 0) - 1, abs=1e-9)


def test_what_cannot_be_priced_has_no_curve() -> None:
    near, far = option(100, Right.RIGHT_CALL, -1, 0.3), option(100, Right.RIGHT_CALL, 1, None, FAR)
    assert today(spread(near, far), SURFACE) is None
    assert at_expiration(spread(near, far), SURFACE) is None
    assert at_expiration(spread(near, option(100, Right.RIGHT_CALL, 1, 0.1, FAR)), SURFACE) is None
    flat = Surface(spot=100, expirations=[SurfaceExpiration(expiration=NEAR.expiration, forward=100), FAR])
    assert at_expiration(spread(near, option(100, Right.RIGHT_CALL, 1, 0.3, FAR)), flat) is None


def test_a_chart_holds_every_strike_and_breakeven_inside() -> None:
    candidate = spread(option(60, Right.RIGHT_PUT, 1, 0.3), option(95, Right.RIGHT_PUT, -1, 0.3))
    candidate.breakevens.extend([93.0])
    chart = payoff_chart(candidate, SURFACE)
    prices = chart.prices(7)
    assert prices[0] == chart.low < 60
    assert prices[-1] == pytest.approx(chart.high)
    assert chart.high > 110
    assert (chart.strikes, chart.breakevens, chart.spot) == ((60.0, 95.0), (93.0,), 100.0)
    candidate.expected_move = 90.0
    assert payoff_chart(candidate, SURFACE).low == 0
