"""Orders out of ranked spreads and out of what is held. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import gcd

from spreadmesh.order.v1.order_pb2 import OrderLeg, OrderSpec, OrderType, TimeInForce
from spreadmesh.scan.v1.candidate_pb2 import Candidate

from spreadmesh_client.orders.decimals import to_message


def spread_order(candidate: Candidate, quantity: int, limit: Decimal | None) -> OrderSpec:
    """A day order for a ranked spread, at a limit as rankings give prices: net, per share, positive paid.

    Ratios are reduced: two of 2:-2 are four of 1:-1, at half the price each.

    Args:
        candidate: The spread; shares of a covered call or a collar are a leg like the others.
        quantity: Spreads, positive.
        limit: None where `execute` finds it.

    Raises:
        ValueError: A quantity that is not positive, or spreads without legs or with a ratio of 0.
    """
    return legs_order({leg.con_id: leg.quantity for leg in candidate.legs}, quantity, limit)


def closing_order(held: Mapping[int, int], limit: Decimal | None) -> OrderSpec:
    """A day order that ends what is held: each contract sold that is owned and bought that is owed.

    Args:
        held: Contracts or shares by IB's contract number, positive held and negative owed.
        limit: For one unit: what is held, divided by what its quantities have in common. Positive is paid.

    Raises:
        ValueError: Nothing is held, or a quantity is 0.
    """
    return legs_order({con_id: -quantity for con_id, quantity in held.items()}, 1, limit)


def reversed_order(spec: OrderSpec, quantity: int, limit: Decimal | None) -> OrderSpec:
    """A day order that undoes `quantity` units of another.

    Raises:
        ValueError: A quantity that is not positive.
    """
    return _order([(leg.con_id, -leg.ratio) for leg in spec.legs], quantity, limit, spec.account)


def legs_order(ratios: Mapping[int, int], quantity: int, limit: Decimal | None) -> OrderSpec:
    """A day order of legs by contract number: positive bought, negative sold.

    Raises:
        ValueError: A quantity that is not positive, no legs, or a ratio of 0.
    """
    if not ratios or 0 in ratios.values():
        raise ValueError(f"every leg must buy or sell something: {dict(ratios)}")
    common = gcd(*ratios.values())
    reduced = [(con_id, ratio // common) for con_id, ratio in ratios.items()]
    return _order(reduced, quantity * common, None if limit is None else limit / common)


def _order(
    legs: Iterable[tuple[int, int]], quantity: int, limit: Decimal | None, account: str = ""
) -> OrderSpec:
    if quantity <= 0:
        raise ValueError(f"a quantity must be positive, not {quantity}")
    return OrderSpec(
        legs=[OrderLeg(con_id=con_id, ratio=ratio) for con_id, ratio in legs],
        quantity=quantity,
        type=OrderType.ORDER_TYPE_LIMIT,
        limit_price=to_message(limit),
        time_in_force=TimeInForce.TIME_IN_FORCE_DAY,
        account=account,
    )


def with_limit(spec: OrderSpec, limit: Decimal) -> OrderSpec:
    """The same order at another limit."""
    changed = OrderSpec()
    changed.CopyFrom(spec)
    changed.limit_price.value = f"{limit:f}"
    return changed
