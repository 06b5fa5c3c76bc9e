"""The services of orders on the real desk, gate and book of accounts, with a scripted gateway behind."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

import grpc
from spreadmesh.order.v1.control_service_pb2_grpc import ControlServiceStub
from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceStub

from ibkr_server.account.book import AccountBook
from ibkr_server.account.position import Position
from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.broker import WhatIf
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.gate import RiskGate
from ibkr_server.risk.prices import BidAsk
from ibkr_server.rpc.order_services import order_services
from mesh.access.keys import key_line, new_key
from mesh.access.roles import Role
from mesh.channel import open_channel
from mesh.errors import deadline_exceeded
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from tests.ibkr_server.desk.scripted_broker import LATENCY, ScriptedBroker
from tests.ibkr_server.desk.world import World
from tests.ibkr_server.risk.contracts import CONTRACTS, option
from tests.ibkr_server.rpc.order_samples import NOW

KEYS: Final = {name: new_key() for name in ("alice", "bob", "olga")}
ROLES: Final = {"alice": Role.TRADER, "bob": Role.TRADER, "olga": Role.OPERATOR}
D = Decimal
T = TypeVar("T")


class PreviewingBroker(ScriptedBroker):
    """Answers what-ifs too, unless it `is_silent`."""

    is_silent = False

    async def what_if(self, spec: OrderSpec, seconds: float) -> WhatIf:
        if self.is_silent:
            raise deadline_exceeded("PREVIEW_UNANSWERED", "IB has not answered the preview")
        return WhatIf(D(0), D(500), D(0), D(400), D(100_000), D(99_500), D("1.30"), None, None, "")

    async def _listed(self, name: str, read: Callable[[], list[T]]) -> list[T]:
        await asyncio.sleep(1.2 * LATENCY)  # behind the orders that were written before it was asked for
        return await super()._listed(name, read)


OTHER_UNDERLYING, EXPIRED = 300, 301


class KnownContracts:
    """The gateway's contracts: those of one share, an option on another one, and one that has expired."""

    contracts: Final = {
        **CONTRACTS,
        OTHER_UNDERLYING: option(OTHER_UNDERLYING, 50, "C", underlying=2),
        EXPIRED: option(EXPIRED, 600, "C", NOW - timedelta(days=1)),
    }

    async def facts(self, con_id: int) -> ContractFacts | None:
        return self.contracts.get(con_id)


@dataclass
class SteadyQuotes:
    """Calls from 100 on cost 3, 2, 1, 0.50 and 0.25 or thereabouts; nothing else has a quote."""

    quotes: dict[int, BidAsk] = field(
        default_factory=lambda: {
            100 + n: BidAsk(D(mid) - D("0.02"), D(mid) + D("0.02"), 0.5)
            for n, mid in enumerate(("3.10", "2.05", "1.00", "0.50", "0.25"))
        }
    )

    async def wait(self, con_ids: Collection[int], max_age: float) -> None:
        """They are there."""

    def quote(self, con_id: int) -> BidAsk | str:
        return self.quotes.get(con_id, "there is no quote of it")


def position(account: str, quantity: int) -> Position:
    """Calls that an account holds."""
    facts = CONTRACTS[101]
    assert facts.expires is not None
    assert facts.strike is not None
    return Position(
        account,
        facts.con_id,
        facts.symbol,
        facts.security_type,
        facts.local_symbol,
        facts.expires.date(),
        facts.strike,
        facts.right,
        facts.multiplier,
        D(quantity),
        D("2.05"),
    )


class OrderWorld(World):
    """What outlives a server of orders."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.folder = folder
        self.broker = PreviewingBroker()
        self.broker.behaviour.list_seconds = 0.0
        self.accounts = AccountBook(lambda: self.now().timestamp())
        self._began: float | None = None
        self.gate = RiskGate(
            self.broker,
            ContractLookup(KnownContracts(), self._clock, keep_seconds=3600),
            SteadyQuotes(),
            self.settings,
            positions=self.accounts.positions_of,
            daily_pnl=self.accounts.daily_pnl,
            clock=self._clock,
            now=self.now,
            market_now=self.now,
        )

    def now(self) -> datetime:
        if self._began is None:
            self._began = self._clock()
        return NOW + timedelta(seconds=self._clock() - self._began)

    def tell_account(self, account: str = "DU1", quantity: int = 2) -> None:
        """The gateway tells what an account holds and is worth."""
        self.accounts.list_requested()
        self.accounts.position_told(position(account, quantity))
        self.accounts.positions_complete()
        self.accounts.value_told(account, "NetLiquidation", "USD", "100000.25")
        self.accounts.value_told(account, "Cushion", "", "0.9")
        self.accounts.values_complete(account)

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    @asynccontextmanager
    async def services(self, *, ready: bool = True) -> AsyncIterator[list[Service]]:
        """A process's life without its port."""
        async with self.desk(ready=ready) as desk:
            self.running = desk
            yield order_services(desk, self.gate, self.accounts, self.now)

    @asynccontextmanager
    async def callers(self, *, ready: bool = True, **settings: Any) -> AsyncIterator["Callers"]:
        """A process's life, served."""
        keys = self.folder / "keys"
        keys.write_text("\n".join(key_line(name, ROLES[name], key) for name, key in KEYS.items()))
        mesh = MeshSettings(port=0, drain_seconds=0, api_keys_file=keys, **settings)
        async with self.services(ready=ready) as services, serving(mesh, services) as server:
            channels = {name: open_channel(server.address, api_key=key) for name, key in KEYS.items()}
            try:
                yield Callers(channels)
            finally:
                for channel in channels.values():
                    await channel.close()


class Callers:
    """Traders alice and bob, and olga, who is an operator."""

    def __init__(self, channels: dict[str, grpc.aio.Channel]) -> None:
        self._channels = channels

    def orders(self, name: str = "alice") -> OrderServiceStub:
        return OrderServiceStub(self._channels[name])

    def control(self, name: str = "alice") -> ControlServiceStub:
        return ControlServiceStub(self._channels[name])
