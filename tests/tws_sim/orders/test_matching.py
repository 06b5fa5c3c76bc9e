"""Properties of matching: no execution is worse than its limit, and legs add up to the combination."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tws_sim.market.quote import Quote
from tws_sim.orders import matching
from tws_sim.orders.matching import Side

TICK = Decimal("0.01")


@st.composite
def sides(draw: st.DrawFn) -> list[Side]:
    """One contract, or up to four legs, each with a market of its own."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        weight = draw(st.integers(1, 5)) * draw(st.sampled_from([1, -1]))
        bid = draw(st.integers(1, 5000))
        ask = bid + draw(st.integers(1, 60))
        pays, joins = (ask, bid) if weight > 0 else (bid, ask)
        found.append(Side(weight, abs(weight), pays, joins, draw(st.integers(0, 60))))
    return found


def cost(market: list[Side], prices: tuple[int, ...]) -> int:
    return sum(one.weight * price for one, price in zip(market, prices, strict=True))


@given(sides(), st.integers(-20_000, 20_000), st.integers(1, 100), st.booleans())
def test_executions_keep_to_the_limit_the_market_and_the_sizes(
    market: list[Side], above: int, wanted: int, patient: bool
) -> None:
    limit = matching.natural(market) + above
    found = matching.match(market, limit, wanted, patient=patient)
    if found is None:
        worthwhile = above >= 0 or (patient and -above <= matching.spread(market))
        assert not worthwhile or matching.available(market) == 0
        return
    assert found.cost <= limit
    assert found.cost == cost(market, found.prices)
    assert 0 < found.quantity <= wanted
    for one, price in zip(market, found.prices, strict=True):
        assert min(one.pays, one.joins) <= price <= max(one.pays, one.joins)
        assert found.quantity * one.ratio <= one.size
    if above >= 0:
        assert found.cost == matching.natural(market)  # never worse than the other sides either


@given(sides(), st.integers(0, 400))
def test_an_improvement_is_met_exactly_where_a_leg_counts_once(market: list[Side], by: int) -> None:
    by = min(by, matching.spread(market))
    better = matching.natural(market) - cost(market, matching.improved(market, by))
    assert better >= by
    if min(abs(one.weight) for one in market) == 1 and len({abs(one.weight) for one in market}) == 1:
        assert better == by


@given(sides())
def test_a_market_order_pays_the_other_sides(market: list[Side]) -> None:
    found = matching.match(market, None, 10)
    assert (found is None) == (matching.available(market) == 0)
    if found is not None:
        assert found.prices == tuple(one.pays for one in market)


@given(sides(), st.integers(0, 20_000), st.integers(1, 9))
def test_an_execution_by_force_keeps_to_the_limit_too(market: list[Side], below: int, quantity: int) -> None:
    """Wherever the limit can be reached at all: what is only bought cannot cost less than nothing."""
    limit = matching.natural(market) - below
    if all(one.weight > 0 for one in market):
        limit = max(0, limit)
    found = matching.forced(market, limit, quantity)
    assert found.quantity == quantity
    assert found.cost == cost(market, found.prices) <= limit
    assert min(found.prices) >= 0


@given(st.floats(0.01, 500), st.floats(0, 5), st.integers(0, 100), st.integers(0, 100), st.booleans())
def test_prices_between_ticks_are_rounded_against_the_order(
    bid: float, width: float, size: int, taken: int, buys: bool
) -> None:
    quote = Quote(bid, size, bid + width, size)
    one = matching.side(quote, 1 if buys else -1, 1, taken, TICK)
    assert one is not None
    if buys:
        assert one.pays * TICK >= Decimal(str(bid + width))
    else:
        assert one.pays * TICK <= Decimal(str(bid))
    assert one.size == size - taken


def test_a_market_without_a_bid_can_be_bought_and_not_sold() -> None:
    quote = Quote(None, 0, 0.05, 10)
    assert matching.side(quote, 1, 1, 0, TICK) == Side(1, 1, 5, 0, 10)
    assert matching.side(quote, -1, 1, 0, TICK) is None
    assert matching.side(Quote(), 1, 1, 0, TICK) is None


def test_the_mid_is_conceded_and_a_tick_less_is_not() -> None:
    market = [Side(1, 1, 1010, 1000, 5), Side(-1, 1, 500, 510, 5)]
    assert matching.concedes(market, 500, 0)
    assert not matching.concedes(market, 499, 0)
    assert matching.concedes(market, 505, 0.5)
    assert not matching.concedes(market, 504, 0.5)
    assert matching.concedes(market, 510, 1)


def test_stops_look_at_what_would_be_paid() -> None:
    bought, sold = [Side(1, 1, 1010, 1000, 5)], [Side(-1, 1, 1000, 1010, 5)]
    assert matching.stopped(bought, buys=True, stop=1010)
    assert not matching.stopped(bought, buys=True, stop=1011)
    assert matching.stopped(sold, buys=False, stop=1000)
    assert not matching.stopped(sold, buys=False, stop=999)
