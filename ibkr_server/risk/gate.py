"""What every order must pass: the one place that lets it through or refuses it, with every reason at once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.orders.broker import WhatIf
from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.candidate import Candidate, Priced, largest_loss, priced
from ibkr_server.risk.candidates import Candidates
from ibkr_server.risk.daily_loss import DailyLossWatch
from ibkr_server.risk.holdings import Positions
from ibkr_server.risk.judgement import crowding, duplication, judge
from ibkr_server.risk.leg_quotes import LegQuotes
from ibkr_server.risk.limits import LimitState, limit_states
from ibkr_server.risk.preview import Preview, known_amounts
from ibkr_server.risk.preview_token import TOKEN_SECONDS, PreviewTokens
from ibkr_server.risk.recent import RecentOrders
from ibkr_server.risk.refusal import refusal
from ibkr_server.risk.rules import Violation
from ibkr_server.risk.settings import RiskSettings
from mesh.access.roles import Caller
from mesh.errors import deadline_exceeded
from mesh.telemetry.steps import step_span

WHAT_IF_SECONDS: Final = 5.0


class WhatIfSource(Protocol):
    """The part of `Broker` that is asked."""

    @property
    def accounts(self) -> Sequence[str]:
        """IB's accounts of the login."""

    async def what_if(self, spec: OrderSpec, seconds: float) -> WhatIf:
        """What an order would do to the account."""


class RiskGate:
    """Holds every order against the limits; keeps none. Whatever it waits for has a deadline."""

    def __init__(
        self,
        broker: WhatIfSource,
        contracts: ContractLookup,
        quotes: LegQuotes,
        settings: RiskSettings,
        *,
        positions: Positions,
        daily_pnl: Callable[[str], Decimal | None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        market_now: Callable[[], datetime],
    ) -> None:
        """`clock` gives monotonic seconds, `now` the host's time, `market_now` the gateway's; both UTC.

        `positions` and `daily_pnl` (US dollars) are asked by account; None where they are not known.
        """
        self.daily_loss = DailyLossWatch(lambda: broker.accounts, daily_pnl, settings.risk_limits)
        self._broker = broker
        self._quotes = quotes
        self._settings = settings
        self._daily_pnl = daily_pnl
        self._now = now
        self._candidates = Candidates(
            lambda: broker.accounts, contracts, positions, settings.risk_limits, clock, market_now
        )
        self._tokens = PreviewTokens(clock)
        self._recent = RecentOrders(clock)

    async def preview(
        self,
        spec: OrderSpec,
        caller: Caller,
        *,
        live_orders: Sequence[Order] = (),
        replacing: Order | None = None,
    ) -> Preview:
        """Judge an order and ask IB what it would do; nothing is placed.

        Raises:
            MeshError: INVALID_ARGUMENT for what makes no sense; FAILED_PRECONDITION for an expired contract,
                or where IB refuses; DEADLINE_EXCEEDED; UNAVAILABLE.
        """
        candidate = await self._candidate(spec, caller, replacing)
        what_if = known_amounts(await self._what_if(candidate.spec))
        market, working = self._market(candidate), _others(live_orders, replacing)
        loss = largest_loss(candidate, market, working)
        return Preview(
            token=self._tokens.issue(candidate.spec, caller.name),
            expires=self._now() + timedelta(seconds=TOKEN_SECONDS),
            what_if=what_if,
            prices=market.view,
            max_loss=loss,
            violations=tuple(self._judged(candidate, market, loss, working, is_new=replacing is None)),
        )

    async def check(
        self,
        spec: OrderSpec,
        caller: Caller,
        token: str,
        *,
        allow_duplicate: bool,
        live_orders: Sequence[Order],
        replacing: Order | None,
    ) -> None:
        """Let an order pass, or refuse it. One that passes counts towards the windows from then on.

        Raises:
            MeshError: FAILED_PRECONDITION with every limit that it exceeds; INVALID_ARGUMENT for what makes
                no sense; DEADLINE_EXCEEDED or UNAVAILABLE where its contracts can't be looked up.
        """
        candidate = await self._candidate(spec, caller, replacing)
        market, working = self._market(candidate), _others(live_orders, replacing)
        loss, is_new = largest_loss(candidate, market, working), replacing is None
        found = [
            *self._previewed(candidate, token),
            *self._judged(candidate, market, loss, working, is_new=is_new),
            *(duplication(candidate, self._recent) if is_new and not allow_duplicate else ()),
        ]
        self.daily_loss.review()
        if found:
            raise refusal(found)
        self._recent.passed(caller.name, candidate.spec.account, candidate.spec.key)

    def placed(self, spec: OrderSpec, caller: Caller) -> None:
        """An order that has passed is being sent: its intent is on disk."""
        self._recent.placed(caller.name, self._account(spec), spec.key)

    def withdrawn(self, spec: OrderSpec, caller: Caller) -> None:
        """An order that has passed was not sent: the windows forget it."""
        self._recent.withdrawn(caller.name, self._account(spec), spec.key)

    def limits(self, caller: Caller, account: str = "") -> list[LimitState]:
        """The limits in force for a caller, without those that are unlimited.

        An empty account is the login's only one; of several accounts none has a say then.
        """
        accounts = self._broker.accounts
        account = account or (accounts[0] if len(accounts) == 1 else "")
        limits = self._settings.risk_limits.of(account=account, client=caller.name)
        pnl = self._daily_pnl(account)
        used = {
            "orders_per_10s": Decimal(self._recent.of_client(caller.name)),
            "daily_loss": None if pnl is None else max(Decimal(0), -pnl),
        }
        return limit_states(limits, used)

    def _account(self, spec: OrderSpec) -> str:
        return spec.account or next(iter(self._broker.accounts), "")

    async def _candidate(self, spec: OrderSpec, caller: Caller, replacing: Order | None) -> Candidate:
        """The order, understood, once its legs have quotes or the time for that is over."""
        candidate = await self._candidates.understood(spec, caller.name, replacing)
        await self._quotes.wait(candidate.contracts, float(candidate.limits.quote_age))
        return await self._candidates.with_holdings(candidate)

    async def _what_if(self, spec: OrderSpec) -> WhatIf:
        try:
            with step_span("order.what_if"):
                async with asyncio.timeout(WHAT_IF_SECONDS):
                    return await self._broker.what_if(spec, WHAT_IF_SECONDS)
        except TimeoutError:
            raise deadline_exceeded(
                "PREVIEW_UNANSWERED", f"IB has not answered the preview in {WHAT_IF_SECONDS:g} s"
            ) from None

    def _market(self, candidate: Candidate) -> Priced:
        return priced(candidate, {con_id: self._quotes.quote(con_id) for con_id in candidate.contracts})

    def _previewed(self, candidate: Candidate, token: str) -> list[Violation]:
        if not token and not self._settings.require_preview:
            return []
        fault = self._tokens.fault(token, candidate.spec, candidate.client)
        return [Violation("NO_PREVIEW", "preview_token", fault)] if fault else []

    def _judged(
        self,
        candidate: Candidate,
        market: Priced,
        loss: Decimal | None,
        working: list[Order],
        *,
        is_new: bool,
    ) -> list[Violation]:
        account = candidate.spec.account
        market_orders, pnl = self._settings.allow_market_orders, self._daily_pnl(account)
        of_account = self._settings.risk_limits.of(account=account)
        return [
            *judge(candidate, market, loss, pnl, market_orders=market_orders),
            *crowding(candidate, working, self._recent, of_account, is_new=is_new),
        ]


def _others(live_orders: Iterable[Order], replacing: Order | None) -> list[Order]:
    name = replacing.client_order_id if replacing is not None else None
    return [each for each in live_orders if not each.state.is_done and each.client_order_id != name]
