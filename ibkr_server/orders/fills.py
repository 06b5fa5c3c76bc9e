"""What trades add up to: corrected ones count once, and a combo is filled as far as every leg of it is.

IB numbers executions like 0000e0d5.658fd4b5.01.01, where the last part counts corrections: .02 replaces .01.
Source: https://interactivebrokers.github.io/tws-api/executions_commissions.html
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Final

from ibkr_server.orders.order import Execution
from ibkr_server.orders.spec import OrderLeg

_PRICE_STEP: Final = Decimal("1e-8")


def split_id(execution_id: str) -> tuple[str, int]:
    """What a trade and its corrections have in common, and the number of the correction; 0 without one."""
    base, point, suffix = execution_id.rpartition(".")
    return (base, int(suffix)) if point and suffix.isdecimal() else (execution_id, 0)


@dataclass(frozen=True, slots=True)
class Filled:
    """Whole units and their mean net price per share, positive paid; None before the first whole unit."""

    units: Decimal = Decimal(0)
    average_price: Decimal | None = None
    commission: Decimal | None = None
    exceeds: bool = False
    """A leg was traded more often than was asked for, or on its wrong side."""
    combo_units: Decimal = Decimal(0)
    """What the executions of the combo as a whole say; `units` once all has arrived."""


@dataclass(slots=True)
class _Traded:
    quantity: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)


@dataclass(slots=True)
class _Sums:
    legs: dict[int, _Traded] = field(default_factory=lambda: defaultdict(_Traded))
    combo: Decimal = Decimal(0)
    commissions: list[Decimal] = field(default_factory=list)


def filled(legs: tuple[OrderLeg, ...], quantity: int, executions: Iterable[Execution]) -> Filled:
    """What trades, each counted once, have filled of an order for `quantity` units.

    The price is the sum over legs of ratio × mean price of that leg: exact once all legs are filled alike.
    """
    sums = _sum(executions)
    traded = [(leg.ratio, sums.legs[leg.con_id]) for leg in legs]
    units = min((Fraction(each.quantity) / ratio for ratio, each in traded), default=Fraction(0))
    return Filled(
        units=Decimal(max(units.__floor__(), 0)),
        average_price=_average(traded) if units >= 1 else None,
        commission=sum(sums.commissions, Decimal(0)) if sums.commissions else None,
        exceeds=any(not 0 <= Fraction(each.quantity) / ratio <= quantity for ratio, each in traded),
        combo_units=abs(sums.combo),
    )


def _sum(executions: Iterable[Execution]) -> _Sums:
    sums = _Sums()
    for execution in executions:
        if execution.commission is not None:
            sums.commissions.append(execution.commission)
        if execution.is_combo:
            sums.combo += execution.quantity
            continue
        traded = sums.legs[execution.con_id]
        traded.quantity += execution.quantity
        traded.paid += execution.quantity * execution.price
    return sums


def _average(traded: list[tuple[int, _Traded]]) -> Decimal:
    mean = sum((ratio * Fraction(leg.paid) / Fraction(leg.quantity) for ratio, leg in traded), Fraction(0))
    with localcontext() as context:
        context.prec = 40
        exact = Decimal(mean.numerator) / Decimal(mean.denominator)
        return _plain(exact.quantize(_PRICE_STEP, ROUND_HALF_EVEN))


def _plain(price: Decimal) -> Decimal:
    return Decimal(f"{price.normalize():f}")
