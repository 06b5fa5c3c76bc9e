"""Everything behind the order services: the desk, and what it asks and listens to."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from ibkr_server.account.feed import AccountFeed
from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.desk.desk import OrderDesk
from ibkr_server.gateway.order_broker import GatewayBroker
from ibkr_server.gateway.requests import ContractRequests
from ibkr_server.journal.journal import Journal
from ibkr_server.market import Market
from ibkr_server.risk.gate import RiskGate
from ibkr_server.risk.leg_quotes import LegQuotes
from ibkr_server.settings import IbkrSettings


def utc_now() -> datetime:
    """The host's time."""
    return datetime.now(UTC)


class Trading:
    """Puts the order desk on a market's link; owns what fills the account book."""

    def __init__(
        self,
        market: Market,
        journal: Journal,
        settings: IbkrSettings,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`clock` gives monotonic seconds, `now` the host's time.

        Raises:
            JournalError: The journal can't be read, or is not what was written.
        """
        link = market.link
        contracts = ContractLookup(ContractRequests(link), clock, keep_seconds=settings.chain_cache_seconds)
        self.accounts = link.account
        self.quotes = LegQuotes(market.lines, market.quotes, market.now)
        self.broker = GatewayBroker(link, contracts.symbol, settings.list_seconds)
        self.gate = RiskGate(
            self.broker,
            contracts,
            self.quotes,
            settings,
            positions=link.account.positions_of,
            daily_pnl=link.account.daily_pnl,
            clock=clock,
            now=now,
            market_now=lambda: datetime.fromtimestamp(market.now(), UTC),
        )
        self.desk = OrderDesk(journal, self.broker, self.gate, settings, clock, now)
        self.broker.listen(self.desk.listener)
        self.gate.daily_loss.on_alert = self.desk.alert
        self._feed = AccountFeed(link, market.watching_state)

    async def run(self) -> NoReturn:
        """Keep orders and account in step with the gateway until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self.desk, self._feed, self.gate.daily_loss):
                    tasks.create_task(part.run())
        finally:
            self.quotes.close()
        raise AssertionError("its parts never return")
