"""Numbers of orders at the gateway, apart from those of all other requests.

The gateway tells an error of an order and one of a request by the number alone, so the two may not meet.
"""

from typing import Final

FIRST_REQUEST_ID: Final = 2**30
"""Orders stay below it, other requests do not; the gateway allows up to 2³¹ − 1."""


def is_order_id(number: int) -> bool:
    """Whether it can be the number of an order; those entered by hand have 0 or less."""
    return 0 < number < FIRST_REQUEST_ID
