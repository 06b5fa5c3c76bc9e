"""The gateway's reasons to refuse an order, with its own codes and texts."""

from tws_sim.wire import errors

CANNOT_CHANGE_FILLED = 104, "Can't modify a filled order."
DUPLICATE_ID = 103, "Duplicate order id"
CHANGED_TOO_MUCH = 105, "Order being modified does not match original order."
BAD_TICK = 110, "The price does not conform to the minimum price variation for this contract."
NO_SUCH_PARENT = 135
NOT_CANCELLABLE = 161
REJECTED = 201
CANCELLED = 202
BAD_COMBO = 312, "The combo details are invalid."
NO_LEGS = 314, "Security type 'BAG' requires combo leg details."
UNSUPPORTED_TYPE = 387, "Unsupported order type for this exchange and security type."
UNSUPPORTED_TIF = 388, "Unsupported time in force for this exchange and security type."
WARNING = 399
NO_QUANTITY = 434, "The order size cannot be zero."
NOT_FOUND = 10147
DONE_ALREADY = 10148
FRACTIONAL = 10243, "Fractional-sized order cannot be placed via API. Please see desktop version."


class RefusedError(ValueError):
    """Something the gateway does not do, and the error that says so."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def invalid(cause: str) -> RefusedError:
    """Error 321."""
    return RefusedError(errors.VALIDATION_ERROR, errors.validation(cause))


def rejected(reason: str) -> RefusedError:
    """Error 201."""
    return RefusedError(REJECTED, f"Order rejected - reason:{reason}")


def bad_leg(number: int) -> RefusedError:
    """Error 313; legs count from 1."""
    return RefusedError(313, f"The combo details for leg '{number}' are invalid.")


def cancelled(reason: str = "") -> RefusedError:
    """Error 202."""
    return RefusedError(CANCELLED, f"Order Canceled - reason:{reason}")


def not_found(order_id: int) -> RefusedError:
    """Error 10147."""
    return RefusedError(NOT_FOUND, f"OrderId {order_id} that needs to be cancelled is not found.")


def done_already(order_id: int, state: str) -> RefusedError:
    """Error 10148."""
    text = f"OrderId {order_id} that needs to be cancelled can not be cancelled, state: {state}."
    return RefusedError(DONE_ALREADY, text)


def not_cancellable(perm_id: int) -> RefusedError:
    """Error 161."""
    text = f"Cancel attempted when order is not in a cancellable state. Order permId = {perm_id}"
    return RefusedError(NOT_CANCELLABLE, text)


def no_such_order(order_id: int) -> RefusedError:
    """Error 135."""
    return RefusedError(NO_SUCH_PARENT, f"Can't find order with ID = {order_id}")
