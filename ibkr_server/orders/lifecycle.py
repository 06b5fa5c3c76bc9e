"""What the gateway's words mean for an order, judged with all that was heard of it before.

Error codes arrive on orders for many reasons and say little of the order itself: 105, 201, 321 and 10148
also come for orders that go on working. So an error never ends an order that is alive; its end is believed
when orderStatus or completedOrder tells it. An error ends only what was never acknowledged, and only if it's
one of `REFUSALS`; any that is not just a remark makes the gateway's lists be read again.
Codes: https://interactivebrokers.github.io/tws-api/message_codes.html
"""

from dataclasses import dataclass
from typing import Final

from ibkr_server.orders.order import OrderState

_STATES: Final = {
    "ApiPending": OrderState.PENDING_SUBMIT,
    "PendingSubmit": OrderState.PENDING_SUBMIT,
    "PreSubmitted": OrderState.PRE_SUBMITTED,
    "Submitted": OrderState.SUBMITTED,
    "PendingCancel": OrderState.PENDING_CANCEL,
    "ApiCancelled": OrderState.CANCELLED,
    "Cancelled": OrderState.CANCELLED,
    "Filled": OrderState.FILLED,
    "Inactive": OrderState.INACTIVE,
}
WORKING: Final = frozenset({OrderState.SUBMITTED, OrderState.PENDING_CANCEL})
"""An order that was told to be one of these has been at an exchange."""
ACCEPTED: Final = WORKING | {OrderState.PRE_SUBMITTED}
"""Its terms at the gateway are those that are in force."""
DUPLICATE_ID: Final = 103
CANCELLED: Final = 202
_IDLE: Final = frozenset({OrderState.CANCELLED, OrderState.INACTIVE})
REFUSALS: Final = frozenset({DUPLICATE_ID, 105, 107, 109, 110, 200, 201, 203, 321, 383, 387, 388, 10052})
"""A new order is not taken."""
CANCEL_TROUBLE: Final = frozenset({135, 136, 161, CANCELLED, 10147, 10148})
"""Answers to a cancellation, not to an order."""
REMARKS: Final = frozenset({399, 404, 2109, 2137, 10167, 10349})
"""Said of orders that go on as they are: held until the market opens, shares to be located, a preset."""


def state_of(status: str) -> OrderState | None:
    """What a word of the gateway's says; None for one that says nothing, as ib_async's ValidationError."""
    return _STATES.get(status)


def told_next(before: OrderState, now: OrderState | None, *, overrules: bool = False) -> OrderState:
    """The state to believe after `now` was told.

    Filled is never taken back, other ends only by Filled: what comes later was sent before or is repeated.
    Other states come and go. A list that was read after the order seemed done `overrules` that.
    """
    if now is None or before is OrderState.FILLED:
        return before
    if before.is_done and now is not OrderState.FILLED and not overrules:
        return before
    return now


def graver(before: int | None, now: int) -> int | None:
    """The error that says more of an order: a refusal, else the later; no remark, no answer to a cancel."""
    if now in REMARKS | CANCEL_TROUBLE or (before in REFUSALS and now not in REFUSALS):
        return before
    return now


def calls_for_reading(code: int, *, cancel_wanted: bool) -> bool:
    """Whether the gateway's lists should be read after an error: it may say something of the state.

    Not after the confirmation of a cancellation: where no state comes with it, that is noticed as overdue. To
    read a day's orders after each cancellation is more work than all else.
    """
    return code not in REMARKS and not (cancel_wanted and code == CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the state of an order depends on; `error` is the gravest code that came with it."""

    told: OrderState = OrderState.PENDING_SUBMIT
    is_acknowledged: bool = False
    has_worked: bool = False
    is_filled: bool = False
    is_unsent: bool = False
    is_unanswered: bool = False
    is_absent: bool = False
    cancel_wanted: bool = False
    error: int | None = None


def standing(facts: Facts) -> OrderState:
    """Where an order stands: whatever the order in which the facts became known."""
    if facts.is_filled or facts.told is OrderState.FILLED:
        return OrderState.FILLED
    if facts.is_unsent or (_was_refused(facts) and not _is_alive(facts)):
        return OrderState.REJECTED
    if facts.told.is_done:
        return facts.told
    if facts.is_absent:
        return OrderState.ABSENT
    if facts.is_unanswered:
        return OrderState.UNKNOWN
    if facts.cancel_wanted and facts.is_acknowledged:
        return OrderState.PENDING_CANCEL
    if facts.told is OrderState.PENDING_SUBMIT and facts.has_worked:
        return OrderState.SUBMITTED
    return facts.told


def _was_refused(facts: Facts) -> bool:
    """Never at an exchange, and an error that says why; any will do once the order is known to have ended."""
    is_cancelled = facts.told is OrderState.CANCELLED
    if facts.has_worked or facts.error is None or (is_cancelled and facts.cancel_wanted):
        return False
    return is_cancelled or facts.is_absent or facts.error in REFUSALS


def _is_alive(facts: Facts) -> bool:
    return facts.is_acknowledged and not facts.is_absent and facts.told not in _IDLE
