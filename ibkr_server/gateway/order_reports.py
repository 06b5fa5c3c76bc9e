"""What the library has decoded about orders → the mesh's reports.

A combo that is sold is a combo of the opposite legs that is bought, at the price with the other sign: so
every order is told in the terms of `OrderSpec`, whoever made it.
"""

from decimal import Decimal

from ib_insync import CommissionReport as IbCommission
from ib_insync import Contract, Execution, Order, OrderState

from ibkr_server.gateway.figures import count, figure
from ibkr_server.gateway.order_times import time_of
from ibkr_server.gateway.order_translation import NON_GUARANTEED, SIDES
from ibkr_server.orders.broker import CommissionReport, ExecutionReport, OrderReport, WhatIf
from ibkr_server.orders.spec import Oca, OcaType, OrderLeg, OrderSpec, OrderType, TimeInForce

_UNSET_ID = 2**31 - 1
_SIGNS = {side: sign for sign, side in SIDES.items()}


def order_report(contract: Contract, order: Order, state: OrderState) -> OrderReport:
    """OpenOrder and completedOrder; the latter has no number of the order and no client."""
    return OrderReport(
        order_id=order.orderId,
        client_id=order.clientId,
        perm_id=order.permId,
        order_ref=order.orderRef,
        account=order.account,
        status=state.status,
        spec=to_spec(contract, order),
        summary=summary(contract, order),
        parent_id=order.parentId,
        filled=figure(order.filledQuantity),
        reason=state.completedStatus or state.warningText,
    )


def what_if(state: OrderState) -> WhatIf:
    """An order's effect on the account."""
    return WhatIf(
        initial_before=figure(state.initMarginBefore),
        initial_after=figure(state.initMarginAfter),
        maintenance_before=figure(state.maintMarginBefore),
        maintenance_after=figure(state.maintMarginAfter),
        equity_before=figure(state.equityWithLoanBefore),
        equity_after=figure(state.equityWithLoanAfter),
        commission=figure(state.commission),
        min_commission=figure(state.minCommission),
        max_commission=figure(state.maxCommission),
        warning=state.warningText,
    )


def execution_report(contract: Contract, execution: Execution) -> ExecutionReport:
    """A trade; those of manual orders have no number, which some versions write as 2³¹ − 1."""
    shares = count(execution.shares)
    return ExecutionReport(
        execution_id=execution.execId,
        order_id=0 if execution.orderId == _UNSET_ID else execution.orderId,
        client_id=execution.clientId,
        perm_id=execution.permId,
        order_ref=execution.orderRef,
        account=execution.acctNumber,
        con_id=contract.conId,
        is_combo=contract.secType == "BAG",
        quantity=-shares if execution.side == "SLD" else shares,
        price=count(execution.price),
        time=execution.time,
        exchange=execution.exchange,
    )


def commission_report(report: IbCommission) -> CommissionReport:
    """What a trade has cost."""
    return CommissionReport(report.execId, count(report.commission), figure(report.realizedPNL))


def summary(contract: Contract, order: Order) -> str:
    """For people, e.g. "BUY 2 SPY BAG LMT -1.25"."""
    is_named = contract.localSymbol and contract.secType != "BAG"
    what = contract.localSymbol if is_named else f"{contract.symbol} {contract.secType}".strip()
    prices = [price for price in map(figure, (order.lmtPrice, order.auxPrice)) if price]
    words = (order.action, f"{order.totalQuantity:g}", what, order.orderType, *prices)
    return " ".join(map(str, words))


def to_spec(contract: Contract, order: Order) -> OrderSpec | None:
    """What an order trades and how, a stop's limit being its trigger; None for what has no `OrderSpec`."""
    try:
        return _spec(contract, order)
    except (KeyError, ValueError):  # an unknown side, type or time in force, or a quantity in parts
        return None


def _spec(contract: Contract, order: Order) -> OrderSpec:
    side = _SIGNS[order.action]
    legs = _legs(contract, order, side)
    order_type, tif = OrderType(order.orderType), TimeInForce(order.tif)
    price = {OrderType.LIMIT: order.lmtPrice, OrderType.STOP: order.auxPrice}.get(order_type)
    limit = None if price is None else figure(price)
    if limit is not None:
        limit *= side
    if legs[0].price is not None:
        limit = sum((leg.ratio * leg.price for leg in legs if leg.price is not None), Decimal(0))
    good_till = time_of(order.goodTillDate) if tif is TimeInForce.GTD else None
    if tif is TimeInForce.GTD and good_till is None:
        raise ValueError(order.goodTillDate)
    if order.totalQuantity <= 0 or order.totalQuantity % 1:
        raise ValueError(order.totalQuantity)
    return OrderSpec(
        legs=legs,
        quantity=int(order.totalQuantity),
        type=order_type,
        limit_price=limit,
        time_in_force=tif,
        good_till=good_till,
        non_guaranteed=any(
            param.tag == NON_GUARANTEED and param.value == "1" for param in order.smartComboRoutingParams
        ),
        oca=Oca(order.ocaGroup, OcaType(order.ocaType)) if order.ocaGroup else None,
        account=order.account,
    )


def _legs(contract: Contract, order: Order, side: int) -> tuple[OrderLeg, ...]:
    if contract.secType != "BAG":
        return (OrderLeg(contract.conId, side),)
    prices = [figure(leg.price) for leg in order.orderComboLegs]
    if len(prices) != len(contract.comboLegs) or None in prices:
        prices = [None] * len(contract.comboLegs)
    return tuple(
        OrderLeg(leg.conId, side * _SIGNS[leg.action] * leg.ratio, price)
        for leg, price in zip(contract.comboLegs, prices, strict=True)
    )
