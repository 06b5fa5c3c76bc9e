"""Every limit that an order exceeds: of the order itself, and of how many orders there are."""

from collections.abc import Sequence
from decimal import Decimal

from ibkr_server.orders.order import Order
from ibkr_server.risk.candidate import Candidate, Priced
from ibkr_server.risk.limits import Limits
from ibkr_server.risk.recent import RecentOrders
from ibkr_server.risk.rules import (
    Violation,
    duplicated,
    missing_quotes,
    old_quotes,
    outside_collar,
    over_daily_loss,
    over_live,
    over_loss,
    over_quantity,
    over_rate,
    unpriced,
)
from ibkr_server.risk.stakes import opposite


def judge(
    candidate: Candidate,
    market: Priced,
    loss: Decimal | None,
    daily_pnl: Decimal | None,
    *,
    market_orders: bool,
) -> list[Violation]:
    """Limits of the order itself. `loss` as `largest_loss` tells it, the profit of the day in US dollars."""
    spec, limits, view = candidate.spec, candidate.limits, market.view
    found = [
        unpriced(spec, allowed=market_orders),
        over_quantity(spec, limits),
        over_daily_loss(daily_pnl, spec.account, limits),
    ]
    if view is not None:
        found += [
            old_quotes(view, limits),
            outside_collar(candidate.limit, view, limits, is_exit=candidate.is_exit),
        ]
    if not candidate.is_exit and (view is not None or candidate.limit is not None):
        found.append(over_loss(loss, limits))
    return [*missing_quotes(market.problems), *_some(found)]


def crowding(
    candidate: Candidate, working: Sequence[Order], recent: RecentOrders, of_account: Limits, *, is_new: bool
) -> list[Violation]:
    """Limits of how many orders there are, in the last seconds and, for a new one, at work.

    `working` are all orders that are not done, of every account; `of_account` holds for all clients together.
    """
    account, key, limits = candidate.spec.account, candidate.spec.key, candidate.limits
    client = candidate.client
    found = [
        over_rate(recent.of_client(client), limits.orders_per_10s, f"client {client}"),
        over_rate(recent.of_account(account), of_account.orders_per_10s, f"account {account}"),
    ]
    if is_new:
        sides = [each.spec.key for each in working if each.spec.account in ("", account)]
        unseen = recent.unseen(account, key, candidate.asked_at)
        found += [
            over_live(sides.count(key) + unseen, 1, limits),
            over_live(sides.count(opposite(key)), _exits(candidate), limits),
        ]
    return _some(found)


def duplication(candidate: Candidate, recent: RecentOrders) -> list[Violation]:
    """Whether an identical spread was placed a moment ago."""
    since = recent.seconds_since(candidate.spec.account, candidate.spec.key)
    return _some([duplicated(since, candidate.limits)])


def _exits(candidate: Candidate) -> int:
    bracket = candidate.spec.bracket
    if bracket is None:
        return 0
    return (bracket.profit_taker is not None) + (bracket.stop_loss is not None)


def _some(found: Sequence[Violation | None]) -> list[Violation]:
    return [each for each in found if each is not None]
