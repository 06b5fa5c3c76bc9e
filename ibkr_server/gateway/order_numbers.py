"""One sequence of numbers for orders and what-ifs.

A client that reads the orders of everybody needs numbers above all that it was told, those of others too;
otherwise the gateway refuses with error 103.
https://interactivebrokers.github.io/tws-api/order_submission.html
"""

from ibkr_server.orders.order_ids import is_order_id
from mesh.errors import failed_precondition


class OrderNumbers:
    """The next number; it never falls, also where the gateway's does."""

    def __init__(self) -> None:
        """`next` is 0 before the gateway has named one; `doubtful` once it has called one taken."""
        self.next = 0
        self.doubtful = False

    def told(self, next_valid: int) -> None:
        """The gateway names the next valid number."""
        self.doubtful = False
        self.next = max(self.next, next_valid)

    def seen(self, order_id: int) -> None:
        """An order has this number, whosever it is; what can be no order's number is passed over."""
        if is_order_id(order_id):
            self.next = max(self.next, order_id + 1)

    def take(self, at_least: int = 0) -> int:
        """A number that nothing else has.

        Raises:
            MeshError: FAILED_PRECONDITION where none is left below those of requests.
        """
        number = max(self.next, at_least, 1)
        if not is_order_id(number):
            text = f"order number {number} is too high: reset the API order ID sequence in TWS's settings"
            raise failed_precondition("ORDER_IDS", "gateway", text)
        self.next = number + 1
        return number
