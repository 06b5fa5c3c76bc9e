"""Checks of requests: each returns the value, or raises a MeshError that names the field."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from spreadmesh.market.v1.chain_pb2 import GetOptionChainRequest
from spreadmesh.market.v1.history_pb2 import (
    HISTORY_KIND_HISTORICAL_VOLATILITY,
    HISTORY_KIND_IMPLIED_VOLATILITY,
    HISTORY_KIND_MIDPOINT,
    HISTORY_KIND_TRADES,
    GetDailyHistoryRequest,
)

from ibkr_server.history.bars import Kind
from mesh.errors import MeshError, invalid_argument, out_of_range

MAX_CON_IDS = 20_000
MAX_SYMBOL = 32
MAX_OWNER = 64
MAX_DAYS = 2520
HISTORY_KINDS = {
    HISTORY_KIND_TRADES: Kind.TRADES,
    HISTORY_KIND_MIDPOINT: Kind.MIDPOINT,
    HISTORY_KIND_IMPLIED_VOLATILITY: Kind.IMPLIED_VOLATILITY,
    HISTORY_KIND_HISTORICAL_VOLATILITY: Kind.HISTORICAL_VOLATILITY,
}

N = TypeVar("N", int, float)


def checked_symbol(field: str, value: str) -> str:
    """A ticker of 1 to 32 characters, in upper case."""
    if not 1 <= len(value) <= MAX_SYMBOL:
        raise invalid_argument(field, f"a ticker has 1 to {MAX_SYMBOL} characters, not {len(value)}")
    return value.upper()


def checked_owner(field: str, value: str) -> str:
    """A name of 1 to 64 characters."""
    if not 1 <= len(value) <= MAX_OWNER:
        raise invalid_argument(field, f"must have 1 to {MAX_OWNER} characters, not {len(value)}")
    return value


def checked_con_ids(field: str, values: Sequence[int]) -> Sequence[int]:
    """1 to 20,000 positive contract numbers."""
    if not 1 <= len(values) <= MAX_CON_IDS:
        raise invalid_argument(field, f"1 to {MAX_CON_IDS} contracts, not {len(values)}")
    for index, value in enumerate(values):
        if not 0 < value < 2**31:
            raise invalid_argument(f"{field}[{index}]", f"{value} is no contract number of IB's")
    return values


def checked_range(field: str, value: N, lower: N, upper: N) -> N:
    """A number within bounds."""
    if not lower <= value <= upper:
        raise invalid_argument(field, f"{value} is outside {lower} to {upper}")
    return value


def checked_expirations(request: GetOptionChainRequest, today: date) -> tuple[date, date]:
    """First and last expiration wanted.

    Raises:
        MeshError: INVALID_ARGUMENT for what is no date or inverted; OUT_OF_RANGE for the past.
    """
    first = _checked_date("expiration_from", request.expiration_from, today)
    last = _checked_date("expiration_to", request.expiration_to, date.max)
    for field, day in (("expiration_from", first), ("expiration_to", last)):
        if day < today:
            raise out_of_range(field, f"{day} is past: the market's today is {today}")
    if last < first:
        raise invalid_argument("expiration_to", f"{last} is before expiration_from, {first}")
    return first, last


def checked_history(request: GetDailyHistoryRequest) -> tuple[Kind, int]:
    """What is wanted of how many days.

    Raises:
        MeshError: INVALID_ARGUMENT without a kind, or for days outside 1 to 2520.
    """
    kind = HISTORY_KINDS.get(request.kind)
    if kind is None:
        raise invalid_argument("kind", "must be one of the kinds of history")
    return kind, checked_range("days", request.days, 1, MAX_DAYS)


def _checked_date(field: str, text: str, default: date) -> date:
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _no_date(field, text) from None


def _no_date(field: str, text: str) -> MeshError:
    return invalid_argument(field, f"{text!r} is no date of the form YYYY-MM-DD")
