"""Candidates and their legs as messages."""

import math
from collections.abc import Callable

from google.protobuf.descriptor import FieldDescriptor
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1 import candidate_pb2

from scanner_server.columns import Records
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
_FIGURES = [(index, name, _CASTS[_FIELDS[name].type]) for index, name in enumerate(FIGURE_NAMES)]


def candidate_message(snapshot: BookSnapshot, candidate: Candidate) -> candidate_pb2.Candidate:
    """One candidate with all its figures; an absent figure is left out."""
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
        legs=_legs(snapshot, candidate),
    )
    values = candidate.figures.tolist()
    for index, field, cast in _FIGURES:
        if not math.isnan(values[index]):
            setattr(message, field, cast(values[index]))
    return message


def _legs(snapshot: BookSnapshot, candidate: Candidate) -> list[candidate_pb2.Leg]:
    chain = snapshot.book.listed.chain
    share = len(chain)
    legs = list(zip(candidate.rows, candidate.quantities, candidate.quote_ages, strict=True))
    options = sorted(
        (leg for leg in legs if leg[0] != share),
        key=lambda leg: (chain.expiration[leg[0]], chain.is_call[leg[0]], chain.strike[leg[0]]),
    )
    return [
        *(_share(snapshot, quantity, age) for row, quantity, age in legs if row == share),
        *(_option(snapshot, row, quantity, age) for row, quantity, age in options),
    ]


def _share(snapshot: BookSnapshot, hundreds: int, quote_age: float) -> candidate_pb2.Leg:
    listed = snapshot.book.listed
    message = candidate_pb2.Leg(
        con_id=listed.underlying_con_id,
        quantity=round(hundreds * listed.chain.multiplier),
        multiplier=1,
        local_symbol=listed.chain.symbol,
        quote_age=quote_age,
        stale=snapshot.book.quotes.underlying.stale,
    )
    _write_values(message, snapshot.legs[-1])
    return message


def _option(snapshot: BookSnapshot, row: int, quantity: int, quote_age: float) -> candidate_pb2.Leg:
    contract = snapshot.book.listed.contracts[row]
    message = candidate_pb2.Leg(
        con_id=contract.con_id,
        expiration=contract.expiration,
        strike=contract.strike,
        right=Right.RIGHT_CALL if snapshot.book.listed.chain.is_call[row] else Right.RIGHT_PUT,
        quantity=quantity,
        multiplier=contract.multiplier,
        local_symbol=contract.local_symbol,
        quote_age=quote_age,
        stale=bool(snapshot.book.quotes.stale[row]),
    )
    for name in _SIZES:
        _write(message, name, float(getattr(snapshot.book.quotes, name)[row]))
    _write_values(message, snapshot.legs[row])
    return message


def _write_values(message: candidate_pb2.Leg, record: Records) -> None:
    for name in _VALUES:
        _write(message, name, float(record[name]))
    _write(message, "implied_volatility", float(record["iv"]))


def _write(message: candidate_pb2.Leg, name: str, value: float) -> None:
    if not math.isnan(value):
        setattr(message, name, value)
