"""Notices accounts whose day has lost too much."""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NoReturn

from ibkr_server.risk.limits import LimitTable
from ibkr_server.risk.rules import over_daily_loss
from mesh.logging import get_logger

REVIEW_SECONDS: Final = 1.0

log = get_logger(__name__)


class DailyLossWatch:
    """Tells `on_alert`, once, of an account that has come to its daily loss limit, and anew each time."""

    def __init__(
        self,
        accounts: Callable[[], Sequence[str]],
        daily_pnl: Callable[[str], Decimal | None],
        limits: LimitTable,
    ) -> None:
        """`daily_pnl` gives an account's profit of the day in US dollars, None where it is not known."""
        self.on_alert: Callable[[str], None] = lambda text: log.error("daily loss limit", text=text)
        self._accounts = accounts
        self._daily_pnl = daily_pnl
        self._limits = limits
        self._tripped: set[str] = set()

    async def run(self) -> NoReturn:
        """Review every account each second, until cancelled."""
        while True:
            self.review()
            await asyncio.sleep(REVIEW_SECONDS)

    def review(self) -> None:
        """Look at every account now."""
        for account in self._accounts():
            pnl = self._daily_pnl(account)
            if pnl is None:
                continue
            tripped = over_daily_loss(pnl, account, self._limits.of(account=account))
            if tripped is None:
                self._tripped.discard(account)
            elif account not in self._tripped:
                self._tripped.add(account)
                self.on_alert(f"{tripped.limit}: {tripped.subject}: {tripped.description}")
