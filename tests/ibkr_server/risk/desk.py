"""A gate over real lines, with a broker, positions and profits that a test sets; on virtual time."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from google.rpc.error_details_pb2 import PreconditionFailure

from ibkr_server.account.position import Position
from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.broker import WhatIf
from ibkr_server.orders.order import Order, OrderState
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.gate import RiskGate
from ibkr_server.risk.limits import parse_limits
from ibkr_server.risk.preview import Preview
from ibkr_server.risk.settings import RiskSettings
from mesh.access.roles import Caller, Role
from mesh.errors import MeshError
from tests import virtual_time
from tests.ibkr_server.risk.contracts import CONTRACTS, D
from tests.ibkr_server.risk.feed import Feed, feeding

ALICE, BOB = Caller("alice", Role.TRADER), Caller("bob", Role.TRADER)
ACCOUNT = "DU1"
MARGIN = WhatIf(D(0), D(500), D(0), D(400), D(100_000), D(99_880), D("1.30"), D("1.10"), D("2.10"))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Desk:
    """Asks the gate as the desk does. The 600 call is quoted 3.10 to 3.20, the 605 call 1.90 to 2.00."""

    def __init__(self, feed: Feed, limits: str, **settings: Any) -> None:
        self.feed = feed
        self.contracts = dict(CONTRACTS)
        self.unknown: set[int] = set()
        self.accounts: Sequence[str] = (ACCOUNT,)
        self.answer: WhatIf | Exception | None = MARGIN
        self.held: list[tuple[int, int]] | None = []
        self.pnl: dict[str, Decimal] = {}
        self.live: list[Order] = []
        self.alerts: list[str] = []
        feed.quotes = {100: (3.10, 3.20), 101: (1.90, 2.00), 1: (598.00, 598.02)}
        self.gate = RiskGate(
            self,
            ContractLookup(self, feed.clock, keep_seconds=3600),
            feed.legs,
            RiskSettings(risk_limits=parse_limits(limits), **settings),
            positions=self.positions,
            daily_pnl=self.pnl.get,
            clock=feed.clock,
            now=lambda: datetime.fromtimestamp(feed.market_now(), UTC),
            market_now=lambda: datetime.fromtimestamp(feed.market_now(), UTC),
        )
        self.gate.daily_loss.on_alert = self.alerts.append

    async def facts(self, con_id: int) -> ContractFacts | None:
        return None if con_id in self.unknown else self.contracts.get(con_id)

    async def what_if(self, spec: OrderSpec, seconds: float) -> WhatIf:
        assert spec.account in self.accounts
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        assert self.answer is not None
        return self.answer

    def positions(self, account: str) -> Sequence[Position] | None:
        if self.held is None:
            return None
        return [position(account, self.contracts[con_id], count) for con_id, count in self.held]

    async def preview(self, spec: OrderSpec, caller: Caller = ALICE, **options: Any) -> Preview:
        return await self.gate.preview(spec, caller, live_orders=self.live, **options)

    async def place(
        self,
        spec: OrderSpec,
        caller: Caller = ALICE,
        *,
        token: str | None = None,
        allow_duplicate: bool = True,
        replacing: Order | None = None,
    ) -> None:
        """Preview and place, which ends as a live order."""
        if token is None:
            token = (await self.preview(spec, caller, replacing=replacing)).token
        await self.gate.check(
            spec,
            caller,
            token,
            allow_duplicate=allow_duplicate,
            live_orders=self.live,
            replacing=replacing,
        )
        self.gate.placed(spec, caller)

    async def refusals(self, spec: OrderSpec, caller: Caller = ALICE, **options: Any) -> list[str]:
        """The names of the limits that keep it from being placed; empty where it was."""
        try:
            await self.place(spec, caller, **options)
        except MeshError as error:
            (failure,) = (each for each in error.details if isinstance(each, PreconditionFailure))
            return [violation.type for violation in failure.violations]
        return []


def position(account: str, contract: ContractFacts, count: int) -> Position:
    return Position(
        account=account,
        con_id=contract.con_id,
        symbol=contract.symbol,
        security_type=contract.security_type,
        local_symbol=contract.local_symbol,
        expiration=contract.expires and contract.expires.date(),
        strike=contract.strike or D(0),
        right=contract.right,
        multiplier=contract.multiplier,
        quantity=D(count),
        average_cost=D(1),
    )


def live(spec: OrderSpec, name: str = "c", **changes: Any) -> Order:
    order = Order(name, 1, spec, OrderState.SUBMITTED, LONG_AGO, LONG_AGO, 1, owner="alice")
    return replace(order, **changes)


@asynccontextmanager
async def a_desk(limits: str = "*: orders_per_10s=1000", **settings: Any) -> AsyncIterator[Desk]:
    async with feeding() as feed:
        yield Desk(feed, limits, **settings)


def at_a_desk(
    limits: str = "*: orders_per_10s=1000", **settings: Any
) -> Callable[[Callable[[Desk], Coroutine[Any, Any, None]]], Callable[[], None]]:
    """Run a test at a desk of its own; by default any number of orders may be placed."""

    def decorate(test: Callable[[Desk], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        @functools.wraps(test)
        def run() -> None:
            async def main() -> None:
                async with a_desk(limits, **settings) as desk:
                    await test(desk)

            virtual_time.run(main())

        del run.__wrapped__  # or pytest would look for a fixture called desk
        return run

    return decorate
