"""Numbers of orders: one sequence for orders and what-ifs, apart from the numbers of all other requests.

The gateway tells an error of an order and one of a request by the number alone, so the two may not meet.
"""

from mesh.errors import failed_precondition

FIRST_REQUEST_ID = 2**30
"""Orders stay below it, other requests do not; the gateway allows up to 2³¹ − 1."""


def is_order_id(number: int) -> bool:
    """Whether it can be an order's of this client."""
    return 0 < number < FIRST_REQUEST_ID


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
        """An order of ours has this number."""
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
