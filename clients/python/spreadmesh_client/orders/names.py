"""Names of orders."""

import secrets
import time
from collections.abc import Callable
from typing import Final

# No vowels and nothing that looks like something else; in ASCII order, so that text sorts as numbers do.
_DIGITS: Final = "0123456789bcdfghjkmnpqrstvwxyz"
_TIME_DIGITS: Final = 9
_RANDOM_DIGITS: Final = 12


def new_client_order_id(now: Callable[[], float] = time.time) -> str:
    """A name that nobody else makes: 9 digits of time, so that later ones sort later, and 58 random bits."""
    random = secrets.randbelow(len(_DIGITS) ** _RANDOM_DIGITS)
    return f"{_text(int(now() * 1000), _TIME_DIGITS)}-{_text(random, _RANDOM_DIGITS)}"


def _text(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
