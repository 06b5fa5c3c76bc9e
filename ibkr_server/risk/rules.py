"""The limits one by one: each function tells how an order exceeds one, or None. Bounds are inclusive."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ibkr_server.orders.spec import OrderSpec, OrderType
from ibkr_server.risk.collar import collar, is_within
from ibkr_server.risk.limits import WINDOW_SECONDS, Limits
from ibkr_server.risk.prices import PriceView

ORDER: Final = "order"


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that an order exceeds: its name, whose it is, and in words the limit and what the order has."""

    limit: str
    subject: str
    description: str


def over_quantity(spec: OrderSpec, limits: Limits) -> Violation | None:
    """More units than one order may have."""
    if spec.quantity <= limits.max_quantity:
        return None
    return Violation("MAX_QUANTITY", ORDER, f"{spec.quantity} units, more than {limits.max_quantity}")


def over_loss(max_loss: Decimal | None, limits: Limits) -> Violation | None:
    """More to lose than one order may; None is a loss without limit."""
    if max_loss is None and limits.max_loss.is_finite():
        return Violation("MAX_LOSS", ORDER, f"the loss has no limit, more than {limits.max_loss:f} USD")
    if max_loss is None or max_loss <= limits.max_loss:
        return None
    return Violation("MAX_LOSS", ORDER, f"{max_loss:f} USD may be lost, more than {limits.max_loss:f} USD")


def outside_collar(
    limit: Decimal | None, view: PriceView, limits: Limits, *, is_exit: bool = False
) -> Violation | None:
    """A limit too far from mid, to either side. An exit waits for a better market: it may be far below."""
    widest = collar(view.mid, view.tick, limits.collar_percent, limits.collar_ticks)
    if limit is None or is_within(limit, view.mid, widest) or (is_exit and limit < view.mid):
        return None
    description = f"{limit} is {abs(limit - view.mid):f} from mid, {view.mid:f}: more than {widest:f}"
    return Violation("COLLAR", ORDER, description)


def old_quotes(view: PriceView, limits: Limits) -> Violation | None:
    """A leg's quote older than quotes may be."""
    if view.quote_age_seconds <= limits.quote_age:
        return None
    description = f"a leg's quote is {view.quote_age_seconds:.1f} s old, more than {limits.quote_age} s"
    return Violation("QUOTE_AGE", ORDER, description)


def missing_quotes(problems: Sequence[tuple[int, str]]) -> list[Violation]:
    """Legs, by contract number, without a quote that can be relied on."""
    return [Violation("NO_QUOTE", f"contract {con_id}", problem) for con_id, problem in problems]


def over_rate(count: int, most: Decimal, subject: str) -> Violation | None:
    """One order more than a client or an account may place in the window; `count` are in it already."""
    if count < most:
        return None
    description = f"{count} orders in the last {WINDOW_SECONDS} s, no more than {most} may be placed"
    return Violation("ORDERS_PER_10S", subject, description)


def over_live(count: int, added: int, limits: Limits) -> Violation | None:
    """More orders of a contract and side than may work at once; `count` are there without those `added`."""
    if not added or count + added <= limits.live_orders:
        return None
    description = (
        f"{count} orders of this contract and side are live, no more than {limits.live_orders} may be"
    )
    return Violation("LIVE_ORDERS", ORDER, description)


def duplicated(seconds_since: float | None, limits: Limits) -> Violation | None:
    """An identical spread so lately that it may be a mistake; None: there was none."""
    if seconds_since is None or seconds_since >= limits.duplicate_seconds:
        return None
    description = (
        f"an identical one was placed {seconds_since:.1f} s ago, less than {limits.duplicate_seconds} s: "
        "set allow_duplicate if it is meant"
    )
    return Violation("DUPLICATE", ORDER, description)


def over_daily_loss(pnl: Decimal | None, account: str, limits: Limits) -> Violation | None:
    """A loss of the day at its limit or beyond. Where there is a limit an unknown profit (None) is too."""
    if not limits.daily_loss.is_finite():
        return None
    subject = f"account {account}"
    if pnl is None:
        return Violation("DAILY_LOSS", subject, "the gateway has not told the profit of the day")
    if -pnl < limits.daily_loss:
        return None
    return Violation(
        "DAILY_LOSS", subject, f"{-pnl:f} USD lost today; placing ends at {limits.daily_loss:f} USD"
    )


def unpriced(spec: OrderSpec, *, allowed: bool) -> Violation | None:
    """An order without a limit where the policy asks for one."""
    if allowed or spec.type is not OrderType.MARKET:
        return None
    return Violation("MARKET_ORDERS", ORDER, "market orders are not allowed by this server's policy")
