"""The gate over the real broker, lookup and lines, with the simulator behind them, on virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import grpc
import pytest

from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.chain.expiration import expiration_instant
from ibkr_server.chain.facts import PriceIncrement
from ibkr_server.gateway.requests import ContractRequests
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from ibkr_server.risk.gate import RiskGate
from ibkr_server.risk.leg_quotes import LegQuotes
from ibkr_server.risk.settings import RiskSettings
from mesh.access.roles import Caller, Role
from mesh.errors import MeshError
from tests.ibkr_server.gateway.scripted import on_virtual_time, until
from tests.ibkr_server.gateway.simulated import Floor, floor
from tests.ibkr_server.gateway.test_order_simulated import spread

ALICE = Caller("alice", Role.TRADER)
HIGH = Decimal("30.00")


class Room:
    """A gate as the server puts it together."""

    def __init__(self, both: Floor, settings: RiskSettings | None = None) -> None:
        clock, market = asyncio.get_running_loop().time, both.market
        self.floor = both
        self.lookup = ContractLookup(ContractRequests(market.link), clock, keep_seconds=3600)
        self.quotes = LegQuotes(market.lines, market.quotes, market.now)
        self.gate = RiskGate(
            both.broker,
            self.lookup,
            self.quotes,
            settings or RiskSettings(),
            positions=market.link.account.positions_of,
            daily_pnl=market.link.account.daily_pnl,
            clock=clock,
            now=self.now,
            market_now=self.now,
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.floor.market.now(), UTC)

    async def check(self, spec: OrderSpec, token: str) -> None:
        await self.gate.check(spec, ALICE, token, allow_duplicate=False, live_orders=[], replacing=None)


@asynccontextmanager
async def a_room() -> AsyncIterator[Room]:
    async with floor() as both:
        await until(lambda: both.market.link.account.reconciled)
        room = Room(both)
        try:
            yield room
        finally:
            room.quotes.close()


@on_virtual_time
async def test_contracts_are_described_as_they_are_listed() -> None:
    async with a_room() as room:
        spec = await spread(room.floor, HIGH)
        underlying = await room.floor.market.chains.underlying("SPY")
        low_id, high_id = (leg.con_id for leg in spec.legs)
        found = await room.lookup.facts([low_id, high_id, underlying.con_id, 1])
        assert set(found) == {low_id, high_id, underlying.con_id}
        low, high, share = found[low_id], found[high_id], found[underlying.con_id]
        assert (low.security_type, low.right, low.symbol, low.currency) == ("OPT", "C", "SPY", "USD")
        assert low.underlying_con_id == high.underlying_con_id == underlying.con_id == share.underlying_con_id
        assert low.strike is not None
        assert high.strike is not None
        assert low.strike < high.strike
        assert low.expires is not None
        assert low.expires == expiration_instant(low.expires.date(), "SPY")
        assert (low.multiplier, share.multiplier) == (100, 1)
        assert low.increments == (PriceIncrement(Decimal("0.0"), Decimal("0.01")),)
        assert (share.expires, share.strike, share.right) == (None, None, None)


@on_virtual_time
async def test_what_is_suggested_is_previewed_passes() -> None:
    async with a_room() as room:
        spec = await spread(room.floor, HIGH, quantity=1)
        first = await room.gate.preview(spec, ALICE)
        assert [each.limit for each in first.violations] == ["COLLAR"]
        assert first.prices is not None
        assert first.prices.mid <= first.prices.suggested_limit
        assert first.prices.quote_age_seconds <= 3
        better = spec.with_changes(first.prices.suggested_limit, None)
        second = await room.gate.preview(better, ALICE)
        assert second.violations == ()
        assert second.max_loss == 100 * first.prices.suggested_limit
        what_if = second.what_if
        assert what_if.initial_after is not None
        assert what_if.initial_before is not None
        assert what_if.commission is not None
        assert 0 < what_if.commission < 10
        await room.check(better, second.token)


@on_virtual_time
async def test_mid_and_natural_are_those_of_the_simulators_own_quotes() -> None:
    async with a_room() as room:
        spec = await spread(room.floor, HIGH)
        view = (await room.gate.preview(spec, ALICE)).prices
        assert view is not None
        columns = room.floor.market.quotes.columns
        low, high = (columns.row(leg.con_id) for leg in spec.legs)
        bids, asks = columns.values[0], columns.values[1]
        assert float(view.natural) == pytest.approx(asks[low] - bids[high])
        assert float(view.mid) == pytest.approx((asks[low] + bids[low] - asks[high] - bids[high]) / 2)


@on_virtual_time
async def test_shares_take_a_line_at_their_own_exchange() -> None:
    async with a_room() as room:
        underlying = await room.floor.market.chains.underlying("SPY")
        spec = OrderSpec((OrderLeg(underlying.con_id, 1),), 5, OrderType.LIMIT, Decimal("100.00"))
        preview = await room.gate.preview(spec, ALICE)
        assert preview.prices is not None
        assert preview.max_loss == 500
        assert preview.prices.tick == Decimal("0.01")


@on_virtual_time
async def test_a_number_that_the_gateway_does_not_know_names_its_leg() -> None:
    async with a_room() as room:
        spec = OrderSpec((OrderLeg(123456, 1),), 1, OrderType.LIMIT, Decimal(1))
        with pytest.raises(MeshError) as caught:
            await room.gate.preview(spec, ALICE)
        assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
        assert "order.legs[0].con_id" in str(caught.value)


async def suggested(room: Room) -> tuple[OrderSpec, str]:
    """A good order and its token."""
    spec = await spread(room.floor, HIGH, quantity=1)
    view = (await room.gate.preview(spec, ALICE)).prices
    assert view is not None
    spec = spec.with_changes(view.suggested_limit, None)
    return spec, (await room.gate.preview(spec, ALICE)).token


@on_virtual_time
async def test_while_the_link_is_broken_there_are_no_quotes() -> None:
    async with a_room() as room:
        spec, token = await suggested(room)
        for session in room.floor.gateway.sessions:
            session.error(-1, 1100, "Connectivity between IB and TWS has been lost")
        await until(lambda: not room.floor.market.ready)
        with pytest.raises(MeshError) as caught:
            await room.check(spec, token)
        assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
        assert str(caught.value).count("NO_QUOTE: its quote is stale") == 2


@on_virtual_time
async def test_a_new_session_brings_quotes_in_time() -> None:
    async with a_room() as room:
        spec, token = await suggested(room)
        for session in list(room.floor.gateway.sessions):
            session.close()
        await until(lambda: not room.floor.market.ready)
        await until(lambda: room.floor.market.ready)
        await room.check(spec, token)
