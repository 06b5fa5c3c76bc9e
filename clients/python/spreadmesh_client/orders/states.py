"""What the states of an order mean for whoever waits for it."""

from typing import Final

from spreadmesh.order.v1.order_pb2 import Order, OrderState

DONE: Final = frozenset(
    {
        OrderState.ORDER_STATE_FILLED,
        OrderState.ORDER_STATE_CANCELLED,
        OrderState.ORDER_STATE_REJECTED,
        OrderState.ORDER_STATE_ABSENT,
    }
)
"""Nothing more is expected of it."""
ANSWERED: Final = DONE | {
    OrderState.ORDER_STATE_PRE_SUBMITTED,
    OrderState.ORDER_STATE_SUBMITTED,
    OrderState.ORDER_STATE_INACTIVE,
}
"""The gateway has said something of it, and no change is under way."""


def is_done(order: Order) -> bool:
    """Whether nothing more is expected of it."""
    return order.state in DONE


def is_answered(order: Order) -> bool:
    """Whether the gateway has answered to the last thing it was sent."""
    return order.state in ANSWERED


def is_uncertain(order: Order) -> bool:
    """Whether what becomes of it is not known yet, and not for the market to decide."""
    return order.state in {OrderState.ORDER_STATE_UNKNOWN, OrderState.ORDER_STATE_PENDING_CANCEL}


def is_filled(order: Order) -> bool:
    """Whether every unit is filled."""
    return order.state == OrderState.ORDER_STATE_FILLED


def state_name(order: Order) -> str:
    """`SUBMITTED`, `FILLED` … as the contract names them."""
    return OrderState.Name(order.state).removeprefix("ORDER_STATE_")
