"""Pieces of the wire format, against the protobuf library's own writing."""

from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg

from mesh.wire import WireType, tag, varint

DOUBLES = [
    field.name
    for field in Candidate.DESCRIPTOR.fields
    if field.type == field.TYPE_DOUBLE and not field.is_repeated
]


@given(st.integers(1, 2**63 - 1))
def test_a_varint_is_what_the_library_writes(value: int) -> None:
    assert varint(value) == Leg(con_id=value).SerializeToString()[1:]


@given(st.sampled_from(DOUBLES))
def test_a_tag_is_what_the_library_writes(name: str) -> None:
    field = Candidate.DESCRIPTOR.fields_by_name[name]
    assert Candidate(**{name: 1.5}).SerializeToString()[:-8] == tag(field, WireType.FIXED64)
