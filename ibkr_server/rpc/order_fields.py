"""Single fields of messages about orders: what is wrong with each, and what a sound one means.

A check yields `(field, what is wrong)`, so that all that is wrong with a message is told at once. What is
quoted of a caller's text is short and printable: statuses travel in headers.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage

from mesh.errors import invalid_arguments
from mesh.interceptors.validation import MOST_REPORTED

Violations = Iterator[tuple[str, str]]

MAX_DECIMAL_CHARACTERS: Final = 24
MAX_DIGITS: Final = 15
"""Significant ones: TWS computes in binary doubles, which keep any 15 apart."""
MAX_PRICE: Final = Decimal(10_000_000)
MAX_CON_ID: Final = 2**31 - 1
MAX_PERM_ID: Final = 2**31 - 1
MAX_PAGE: Final = 1_000
MAX_QUOTED: Final = 40
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_NAME: Final = re.compile(r"[A-Za-z0-9._:-]{1,40}")
_NAME_OR_EXIT: Final = re.compile(_NAME.pattern + r"(/(profit|stop))?")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_GROUP: Final = re.compile(r"[ -~]{1,32}")
_PAGE: Final = re.compile(r"after-[0-9]{1,18}")
_OPAQUE: Final = re.compile(r"[!-~]{1,2048}")
_YEARS_1_TO_9999: Final = range(-62_135_596_800, 253_402_300_800)


def refuse(violations: Iterable[tuple[str, str]]) -> None:
    """Nothing, where nothing is wrong.

    Raises:
        MeshError: INVALID_ARGUMENT with the first ten violations.
    """
    found = list(islice(violations, MOST_REPORTED))
    if found:
        raise invalid_arguments(found)


def price(field: str, message: DecimalMessage) -> Violations:
    """A decimal that a price can be, of either sign."""
    text = message.value
    if len(text) > MAX_DECIMAL_CHARACTERS:
        yield field, f"at most {MAX_DECIMAL_CHARACTERS} characters, not {len(text)}"
    elif not _DECIMAL.fullmatch(text):
        yield (
            field,
            f"{quoted(text)} is no decimal: digits with an optional sign and point, no exponent",
        )
    elif abs(Decimal(text)) > MAX_PRICE:
        yield field, f"{text} is no price: at most {MAX_PRICE:,} either way"
    elif len(Decimal(text).normalize().as_tuple().digits) > MAX_DIGITS:
        yield field, f"{text} has more than {MAX_DIGITS} digits"


def decimal(message: DecimalMessage) -> Decimal:
    """The exact value of a sound decimal; zero has no sign."""
    return Decimal(message.value) + 0


def new_order(field: str, value: str) -> Violations:
    """A caller's name for an order that it places."""
    return matching(field, value, _NAME, "must be 1 to 40 of A-Z a-z 0-9 . _ : -")


def known_order(field: str, value: str) -> Violations:
    """The same for an order that there may be, also of an exit as the server names it."""
    return matching(field, value, _NAME_OR_EXIT, "must be 1 to 40 of A-Z a-z 0-9 . _ : -, or an exit's name")


def needed(field: str, value: str) -> Violations:
    """A text that can't be left out."""
    if not value:
        yield field, "is missing"


def lease_id(field: str, value: str) -> Violations:
    """A lease's name; empty for none."""
    return matching(field, value, _NAME, "must be as RenewLease has told it") if value else iter(())


def account(field: str, value: str) -> Violations:
    """IB's account; empty where the login has only one."""
    return matching(field, value, _ACCOUNT, "must be an account's name") if value else iter(())


def oca_name(field: str, value: str) -> Violations:
    """A group's name."""
    return matching(field, value, _GROUP, "must be 1 to 32 printable ASCII characters")


def opaque(field: str, value: str) -> Violations:
    """A text of this server's that the caller brings back; empty for none."""
    return matching(field, value, _OPAQUE, "must be as this server has told it") if value else iter(())


def length(field: str, value: str, most: int) -> Violations:
    """Words for people."""
    if not 1 <= len(value) <= most:
        yield field, f"must have 1 to {most} characters, not {len(value)}"


def between(field: str, value: float, lower: float, upper: float) -> Violations:
    """A number within bounds."""
    if not lower <= value <= upper:
        yield field, f"{value:g} is outside {lower:g} to {upper:g}"


def page(size: int, token: str) -> Violations:
    """`page_size`, 0 for the usual number, and `page_token`, empty for the first page."""
    yield from between("page_size", size, 0, MAX_PAGE)
    if token:
        yield from matching("page_token", token, _PAGE, "must be as this server has told it")


def page_token(offset: int | None) -> str:
    """What stands for the next page; empty where there is none."""
    return "" if offset is None else f"after-{offset}"


def page_offset(token: str) -> int | None:
    """Where a page begins; None for the first one."""
    return int(token.removeprefix("after-")) if token else None


def instant(field: str, value: Timestamp) -> Violations:
    """A time that exists, from year 1 to 9999."""
    if value.seconds not in _YEARS_1_TO_9999 or not 0 <= value.nanos < 10**9:
        yield field, "is no timestamp of the years 1 to 9999"


def moment(value: Timestamp) -> datetime:
    """A sound timestamp in UTC, to the microsecond."""
    return value.ToDatetime(UTC)


def matching(field: str, value: str, pattern: re.Pattern[str], rule: str) -> Violations:
    """A text of a form."""
    if not pattern.fullmatch(value):
        yield field, f"{rule}, not {quoted(value)}"


def quoted(text: str) -> str:
    """The beginning of a caller's text, printable."""
    shown = ascii(text[:MAX_QUOTED])
    return shown if len(text) <= MAX_QUOTED and len(shown) <= MAX_QUOTED + 2 else f"{shown[:MAX_QUOTED]}..."
