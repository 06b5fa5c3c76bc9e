"""Candidates and their legs as messages."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from google.protobuf.descriptor import FieldDescriptor
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1 import candidate_pb2

from scanner_server.figures.table import FIGURE_INDEX, FIGURE_NAMES
from scanner_server.ranking.ranking import Candidate
from scanner_server.score.weights import COMPONENTS
from scanner_server.snapshot.book_snapshot import BookSnapshot
from scanner_server.translation.doubles import Doubles

_FIELDS = candidate_pb2.Candidate.DESCRIPTOR.fields_by_name
# The ages of quotes are written when a message is sent.
_FIGURES = tuple(
    name for name in FIGURE_NAMES if _FIELDS[name].type == FieldDescriptor.TYPE_DOUBLE and name != "quote_age"
)
_COLUMNS = [FIGURE_INDEX[name] for name in _FIGURES]
_CANDIDATE = Doubles(candidate_pb2.Candidate.DESCRIPTOR, _FIGURES)
_PARTS = Doubles(candidate_pb2.ScoreParts.DESCRIPTOR, COMPONENTS)

# Fields of a leg, and the columns of its record that they come from.
_VALUES = {
    name: name
    for name in (
        *("bid", "ask", "mid", "open_interest", "volume", "liquidity"),
        *("delta", "gamma", "vega", "theta", "rho"),
    )
} | {"implied_volatility": "iv"}
_LEG = Doubles(candidate_pb2.Leg.DESCRIPTOR, tuple(_VALUES))

LegKey = tuple[int, int]


class Messages:
    """Messages of the candidates of one snapshot; spreads share legs, so each leg is written once."""

    def __init__(self, snapshot: BookSnapshot) -> None:
        self._snapshot = snapshot
        self._legs: dict[LegKey, candidate_pb2.Leg] = {}

    def write(self, candidates: Sequence[Candidate]) -> list[candidate_pb2.Candidate]:
        """Each candidate with all that is present of it, but for the ages of its quotes."""
        if not candidates:
            return []
        self._write_legs({leg for candidate in candidates for leg in _legs(candidate)})
        figures = _CANDIDATE.encoded(np.array([candidate.figures for candidate in candidates])[:, _COLUMNS])
        parts = _PARTS.encoded(np.array([candidate.parts for candidate in candidates]))
        return [self._candidate(*one) for one in zip(candidates, figures, parts, strict=True)]

    def _candidate(self, candidate: Candidate, figures: bytes, parts: bytes) -> candidate_pb2.Candidate:
        chain = self._snapshot.book.listed.chain
        nearest = next(row for row in candidate.rows if row != len(chain))
        message = candidate_pb2.Candidate(
            strategy=candidate.strategy,
            score=candidate.score,
            score_parts=candidate_pb2.ScoreParts.FromString(parts),
            expiration=chain.expirations[chain.expiration[nearest]],
            breakevens=candidate.breakevens,
            legs=[self._legs[leg] for leg in _legs(candidate)],
            days_to_expiration=round(candidate.figure("days_to_expiration")),
            undefined_risk=bool(candidate.figure("undefined_risk")),
            naked=bool(candidate.figure("naked")),
        )
        message.MergeFromString(figures)
        return message

    def _write_legs(self, keys: set[LegKey]) -> None:
        new = [key for key in keys if key not in self._legs]
        records = self._snapshot.legs[[row for row, _ in new]]
        values = np.column_stack([records[column] for column in _VALUES.values()])
        for (row, quantity), wire in zip(new, _LEG.encoded(values), strict=True):
            is_share = row == len(self._snapshot.book.listed.chain)
            message = (_share if is_share else _option)(self._snapshot, row, quantity)
            message.MergeFromString(wire)
            self._legs[row, quantity] = message


def set_ages(message: candidate_pb2.Candidate, quote_times: tuple[float, ...], market_time: float) -> None:
    """Write the ages of the quotes, counted from `market_time`, in place."""
    for leg, at in zip(message.legs, quote_times, strict=True):
        leg.quote_age = max(market_time - at, 0.0)
    message.quote_age = max(market_time - min(quote_times), 0.0)


def _legs(candidate: Candidate) -> Iterator[LegKey]:
    return zip(candidate.rows, candidate.quantities, strict=True)


def _share(snapshot: BookSnapshot, _row: int, hundreds: int) -> candidate_pb2.Leg:
    listed = snapshot.book.listed
    return candidate_pb2.Leg(
        con_id=listed.underlying_con_id,
        quantity=round(hundreds * listed.chain.multiplier),
        multiplier=1,
        local_symbol=listed.chain.symbol,
        stale=snapshot.book.quotes.underlying.stale,
    )


def _option(snapshot: BookSnapshot, row: int, quantity: int) -> candidate_pb2.Leg:
    contract, quotes = snapshot.book.listed.contracts[row], snapshot.book.quotes
    message = candidate_pb2.Leg(
        con_id=contract.con_id,
        expiration=contract.expiration,
        strike=contract.strike,
        right=Right.RIGHT_CALL if snapshot.book.listed.chain.is_call[row] else Right.RIGHT_PUT,
        quantity=quantity,
        multiplier=contract.multiplier,
        local_symbol=contract.local_symbol,
        stale=bool(quotes.stale[row]),
    )
    for name, size in (("bid_size", quotes.bid_size[row]), ("ask_size", quotes.ask_size[row])):
        if not math.isnan(size):
            setattr(message, name, float(size))
    return message
