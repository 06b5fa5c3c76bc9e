"""Fields written in wire form are the fields that were meant."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.scan.v1.candidate_pb2 import Candidate

from scanner_server.translation.doubles import Doubles

NAMES = ("net_mid", "max_loss", "delta", "gamma", "kelly_fraction", "iv_rank")
FIELDS = Doubles(Candidate.DESCRIPTOR, NAMES)
VALUES = st.floats(allow_nan=True, allow_infinity=True)
ROWS = st.lists(st.lists(VALUES, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=5)


@given(ROWS)
def test_every_row_says_what_its_fields_say(rows: list[list[float]]) -> None:
    for wire, row in zip(FIELDS.encoded(np.array(rows)), rows, strict=True):
        present = {name: value for name, value in zip(NAMES, row, strict=True) if not math.isnan(value)}
        assert Candidate.FromString(wire) == Candidate(**present)


def test_nothing_in_nothing_out() -> None:
    assert FIELDS.encoded(np.empty((0, len(NAMES)))) == []
