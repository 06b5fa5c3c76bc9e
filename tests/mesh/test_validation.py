"""The walk over a request finds what no field may hold wherever it is, and nothing else."""

import math
import unicodedata

import pytest
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.type_pb2 import Field, Type
from google.protobuf.wrappers_pb2 import BytesValue, FloatValue, StringValue
from google.rpc.error_details_pb2 import ErrorInfo
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import MeshError
from mesh.interceptors.validation import MOST_REPORTED, check_values

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.one_of(st.floats(), TEXT, st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def is_clean(value: object) -> bool:
    match value:
        case str():
            return not any(unicodedata.category(letter) == "Cc" for letter in value)
        case float():
            return math.isfinite(value)
        case dict():
            return all(is_clean(key) and is_clean(item) for key, item in value.items())
        case list():
            return all(map(is_clean, value))
    return True


def as_message(value: object) -> Value:
    match value:
        case bool():
            return Value(bool_value=value)
        case float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case list():
            return Value(list_value=ListValue(values=map(as_message, value)))
        case dict():
            fields = {key: as_message(item) for key, item in value.items()}
            return Value(struct_value=Struct(fields=fields))
    return Value(null_value=0)


def violations(message) -> dict[str, str]:
    try:
        check_values(message)
    except MeshError as error:
        (bad,) = error.details
        return {violation.field: violation.description for violation in bad.field_violations}
    return {}


@given(value=VALUES)
def test_a_message_is_refused_exactly_if_something_in_it_is_bad(value):
    assert (violations(as_message(value)) == {}) == is_clean(value)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (StringValue(value="a\0"), "value"),
        (FloatValue(value=math.inf), "value"),
        (Type(oneofs=["good", "b\tad"]), "oneofs[1]"),
        (Type(fields=[Field(), Field(type_url="\x1b")]), "fields[1].type_url"),
        (ErrorInfo(metadata={"key": "\r"}), "metadata['key']"),
        (ErrorInfo(metadata={"k\0y": "value"}), r"metadata['k\x00y']"),
    ],
)
def test_the_path_names_the_field(message, path):
    assert list(violations(message)) == [path]


def test_the_description_tells_what_is_wrong_there():
    assert violations(StringValue(value="SPY\0C")) == {
        "value": "contains the control character U+0000 at position 3"
    }
    assert violations(FloatValue(value=math.nan)) == {"value": "must be a finite number, not nan"}


def test_bytes_may_hold_anything():
    assert violations(BytesValue(value=b"\0\n")) == {}


def test_no_more_is_reported_than_anyone_reads():
    assert len(violations(Type(oneofs=["\0"] * 1000))) == MOST_REPORTED
