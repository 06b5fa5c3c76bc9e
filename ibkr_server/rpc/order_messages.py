"""Orders, trades and what the desk answers, as messages of the order contract."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1 import control_service_pb2, execution_pb2, order_pb2, order_service_pb2, watch_pb2

from ibkr_server.desk.answers import ControlChange, Halt, Snapshot, TradingStatus, WatchEvent
from ibkr_server.orders.order import Execution, Order, OrderState, Origin
from ibkr_server.orders.spec import OrderLeg, OrderSpec
from ibkr_server.rpc.order_checks import OCA_TYPES, TIMES, TYPES
from ibkr_server.rpc.order_fields import MAX_DECIMAL_CHARACTERS, MAX_DIGITS

_TYPES: Final = {ours: theirs for theirs, ours in TYPES.items()}
_TIMES: Final = {ours: theirs for theirs, ours in TIMES.items()}
_OCA_TYPES: Final = {ours: theirs for theirs, ours in OCA_TYPES.items()}
_STATES: Final = {state: order_pb2.OrderState.Value(f"ORDER_STATE_{state.name}") for state in OrderState}
_ORIGINS: Final = {origin: order_pb2.OrderOrigin.Value(f"ORDER_ORIGIN_{origin.name}") for origin in Origin}
_ROUND: Final = Context(prec=MAX_DIGITS)
GUARANTEED: Final = order_service_pb2.CANCEL_GUARANTEE_GUARANTEED
NOT_GUARANTEED: Final = order_service_pb2.CANCEL_GUARANTEE_NOT_GUARANTEED


def decimal(value: Decimal | None) -> DecimalMessage | None:
    """Digits without an exponent; a mean of too many is cut to 15."""
    if value is None:
        return None
    text = f"{value:f}"
    return DecimalMessage(value=text if len(text) <= MAX_DECIMAL_CHARACTERS else f"{_ROUND.plus(value):f}")


def timestamp(moment: datetime | None) -> Timestamp | None:
    """An instant as a message."""
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def guarantee(is_there: bool) -> order_service_pb2.CancelGuarantee.ValueType:
    """Whether cancellations reach the gateway."""
    return GUARANTEED if is_there else NOT_GUARANTEED


def order(found: Order) -> order_pb2.Order:
    """An order as it is told."""
    return order_pb2.Order(
        client_order_id=found.client_order_id,
        perm_id=found.perm_id,
        order_id=found.order_id,
        spec=spec(found.spec),
        state=_STATES[found.state],
        reason=found.reason,
        ib_code=found.ib_code,
        filled_quantity=decimal(found.filled),
        remaining_quantity=decimal(found.remaining),
        average_price=decimal(found.average_price),
        commission=decimal(found.commission),
        revision=found.revision,
        origin=_ORIGINS[found.origin],
        owner=found.owner,
        parent_client_order_id=found.parent,
        lease_id=found.lease_id,
        created_time=timestamp(found.created),
        updated_time=timestamp(found.updated),
        sequence=found.sequence,
    )


def spec(found: OrderSpec) -> order_pb2.OrderSpec:
    """What was asked for. An exit's stop order has no type in the contract: it shows as unspecified."""
    message = order_pb2.OrderSpec(
        legs=[_leg(leg) for leg in found.legs],
        quantity=found.quantity,
        type=_TYPES.get(found.type, order_pb2.ORDER_TYPE_UNSPECIFIED),
        limit_price=decimal(found.limit_price),
        time_in_force=_TIMES[found.time_in_force],
        good_till=timestamp(found.good_till),
        non_guaranteed=found.non_guaranteed,
        account=found.account,
    )
    if found.oca is not None:
        message.oca.CopyFrom(order_pb2.OcaGroup(name=found.oca.name, type=_OCA_TYPES[found.oca.type]))
    if found.bracket is not None:
        exits = order_pb2.Bracket(
            profit_taker=decimal(found.bracket.profit_taker), stop_loss=decimal(found.bracket.stop_loss)
        )
        message.bracket.CopyFrom(exits)
    return message


def execution(found: Execution) -> execution_pb2.Execution:
    """A trade as it is told."""
    return execution_pb2.Execution(
        execution_id=found.execution_id,
        client_order_id=found.client_order_id,
        perm_id=found.perm_id,
        account=found.account,
        con_id=found.con_id,
        combo=found.is_combo,
        quantity=decimal(found.quantity),
        price=decimal(found.price),
        time=timestamp(found.time),
        exchange=found.exchange,
        commission=decimal(found.commission),
        realized_pnl=decimal(found.realized_pnl),
    )


def snapshot(found: Snapshot) -> watch_pb2.OrderSnapshot:
    """The first answer of a stream."""
    return watch_pb2.OrderSnapshot(
        orders=[order(each) for each in found.orders],
        sequence=found.sequence,
        reconciled=found.reconciled,
        halted=found.halted,
    )


def event(found: WatchEvent) -> watch_pb2.OrderEvent:
    """One thing that has happened."""
    message = watch_pb2.OrderEvent(
        sequence=found.sequence, previous_sequence=found.previous_sequence, time=timestamp(found.time)
    )
    match found.change:
        case Order() as changed:
            message.order.CopyFrom(order(changed))
        case Execution() as trade:
            message.execution.CopyFrom(execution(trade))
        case ControlChange() as control:
            change = watch_pb2.ControlChange(halted=control.halted, reason=control.reason, by=control.by)
            message.control.CopyFrom(change)
    return message


def halt(found: Halt | None) -> control_service_pb2.Halt | None:
    """A halt of placing."""
    if found is None:
        return None
    return control_service_pb2.Halt(
        sequence=found.sequence, reason=found.reason, by=found.by, time=timestamp(found.time)
    )


def trading_status(
    found: TradingStatus, limits: Sequence[control_service_pb2.RiskLimit]
) -> control_service_pb2.GetTradingStatusResponse:
    """Whether orders can be placed."""
    return control_service_pb2.GetTradingStatusResponse(
        can_place=found.can_place,
        reasons=found.reasons,
        halt=halt(found.halt),
        trading_enabled=found.trading_enabled,
        reconciled=found.reconciled,
        unknown_orders=found.unknown_orders,
        open_orders=found.open_orders,
        accounts=found.accounts,
        limits=limits,
        journal_epoch=found.journal_epoch,
        journal_sequence=found.journal_sequence,
    )


def _leg(leg: OrderLeg) -> order_pb2.OrderLeg:
    return order_pb2.OrderLeg(con_id=leg.con_id, ratio=leg.ratio, price=decimal(leg.price))
