import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws_sim.wire.framing import API_PREFIX, FrameReader, FramingError, frame, message, split_fields

FIELDS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)


@given(st.lists(FIELDS, max_size=8), st.lists(st.integers(0, 400), max_size=20))
def test_fields_survive_any_cutting_of_the_stream(messages: list[list[str]], cuts: list[int]) -> None:
    stream = API_PREFIX + b"".join(message(*fields) for fields in messages)
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    reader = FrameReader()
    found = [
        split_fields(payload)
        for start, end in itertools.pairwise(bounds)
        for payload in reader.feed(stream[start:end])
    ]
    assert found == messages


def test_values_are_written_as_the_gateway_writes_them() -> None:
    assert message(True, None, 2.5, "x", 7) == b"\x00\x00\x00\x0b1\x00\x002.5\x00x\x007\x00"


def test_a_stream_of_another_protocol_is_refused() -> None:
    with pytest.raises(FramingError, match="API"):
        list(FrameReader().feed(b"GET / HTTP/1.1\r\n"))


def test_an_enormous_frame_is_refused() -> None:
    with pytest.raises(FramingError, match="bytes"):
        list(FrameReader().feed(API_PREFIX + b"\x7f\xff\xff\xff"))


def test_bytes_that_are_no_text_stay_visible() -> None:
    assert split_fields(b"\xff\0") == ["\\xff"]
    assert frame(b"") == b"\0\0\0\0"
