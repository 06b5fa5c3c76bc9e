"""Candidates and their legs as messages."""

import math
from collections.abc import Callable

from google.protobuf.descriptor import FieldDescriptor
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1 import candidate_pb2

from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.ranking.ranking import Candidate
from scanner_server.score.weights import COMPONENTS
from scanner_server.snapshot.book_snapshot import BookSnapshot

# Columns of a leg that bear the same name in the message.
_SIZES = ("bid_size", "ask_size")
_VALUES = (
    "bid",
    "ask",
    "open_interest",
    "volume",
    "mid",
    "liquidity",
    "delta",
    "gamma",
    "vega",
    "theta",
    "rho",
)

_CASTS: dict[int, Callable[[float], float | int | bool]] = {
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_INT32: round,
    FieldDescriptor.TYPE_DOUBLE: float,
}
_FIELDS = candidate_pb2.Candidate.DESCRIPTOR.fields_by_name
# Each figure's index, its field and how to write it.
_FIGURES = [
    (index, name, _CASTS[_FIELDS[name].type])
    for index, name in enumerate(FIGURE_NAMES)
    if name != "quote_age"
]


def candidate_message(snapshot: BookSnapshot, candidate: Candidate) -> candidate_pb2.Candidate:
    """One candidate with all its figures but the ages of its quotes; an absent figure is left out."""
    chain = snapshot.book.listed.chain
    nearest = min(int(chain.expiration[row]) for row in candidate.rows if row < len(chain))
    message = candidate_pb2.Candidate(
        strategy=candidate.strategy,
        score=candidate.score,
        score_parts=candidate_pb2.ScoreParts(
            **dict(zip(COMPONENTS, candidate.parts.tolist(), strict=True)),
        ),
        expiration=chain.expirations[nearest],
        breakevens=candidate.breakevens,
        legs=[_leg(snapshot, row, quantity) for row, quantity in _in_order(snapshot, candidate)],
    )
    values = candidate.figures.tolist()
    for index, field, cast in _FIGURES:
        if not math.isnan(values[index]):
            setattr(message, field, cast(values[index]))
    return message


def quote_times(snapshot: BookSnapshot, candidate: Candidate) -> tuple[float, ...]:
    """Market time of the last update of each leg, in the order of the message's legs; unix seconds."""
    times = dict(zip(candidate.rows, candidate.quote_times, strict=True))
    return tuple(times[row] for row, _ in _in_order(snapshot, candidate))


def set_ages(message: candidate_pb2.Candidate, quote_times: tuple[float, ...], market_time: float) -> None:
    """Write the ages of the quotes, counted from `market_time`, in place."""
    for leg, at in zip(message.legs, quote_times, strict=True):
        leg.quote_age = max(market_time - at, 0.0)
    message.quote_age = max(market_time - min(quote_times), 0.0)


def _in_order(snapshot: BookSnapshot, candidate: Candidate) -> list[tuple[int, int]]:
    """Rows and quantities: the share, then by expiration, puts before calls, then strike."""
    chain = snapshot.book.listed.chain

    def place(leg: tuple[int, int]) -> tuple[int, bool, float]:
        row = leg[0]
        if row == len(chain):
            return -1, False, 0.0
        return int(chain.expiration[row]), bool(chain.is_call[row]), float(chain.strike[row])

    return sorted(zip(candidate.rows, candidate.quantities, strict=True), key=place)


def _leg(snapshot: BookSnapshot, row: int, quantity: int) -> candidate_pb2.Leg:
    is_share = row == len(snapshot.book.listed.chain)
    message = _share(snapshot, quantity) if is_share else _option(snapshot, row, quantity)
    record = snapshot.legs[row]
    for name in _VALUES:
        _write(message, name, float(record[name]))
    _write(message, "implied_volatility", float(record["iv"]))
    return message


def _share(snapshot: BookSnapshot, hundreds: int) -> candidate_pb2.Leg:
    listed = snapshot.book.listed
    return candidate_pb2.Leg(
        con_id=listed.underlying_con_id,
        quantity=round(hundreds * listed.chain.multiplier),
        multiplier=1,
        local_symbol=listed.chain.symbol,
        stale=snapshot.book.quotes.underlying.stale,
    )


def _option(snapshot: BookSnapshot, row: int, quantity: int) -> candidate_pb2.Leg:
    contract = snapshot.book.listed.contracts[row]
    message = candidate_pb2.Leg(
        con_id=contract.con_id,
        expiration=contract.expiration,
        strike=contract.strike,
        right=Right.RIGHT_CALL if snapshot.book.listed.chain.is_call[row] else Right.RIGHT_PUT,
        quantity=quantity,
        multiplier=contract.multiplier,
        local_symbol=contract.local_symbol,
        stale=bool(snapshot.book.quotes.stale[row]),
    )
    for name in _SIZES:
        _write(message, name, float(getattr(snapshot.book.quotes, name)[row]))
    return message


def _write(message: candidate_pb2.Leg, name: str, value: float) -> None:
    if not math.isnan(value):
        setattr(message, name, value)
