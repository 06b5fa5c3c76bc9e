"""The file of a recording, and what it leaves out."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws_sim.recording.file import Direction, Record, RecordingError, RecordingWriter, read
from tws_sim.recording.redaction import Redaction

STARTED = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
RECORDS = st.lists(
    st.builds(
        Record,
        st.integers(0, 10**12).map(lambda microseconds: microseconds / 1e6),
        st.integers(0, 65_535),
        st.sampled_from(Direction),
        st.binary(max_size=40),
    ),
    max_size=5,
)


def written(records: list[Record]) -> bytes:
    file = io.BytesIO()
    writer = RecordingWriter(file, STARTED, redacted=True)
    for record in records:
        writer.write(record)
    return file.getvalue()


@given(RECORDS, st.data())
def test_what_is_written_is_read_up_to_the_last_complete_record(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("recording") / "file"
    whole = written(records)
    path.write_bytes(whole)
    found = read(path)
    assert found.started == STARTED
    assert [(one.connection, one.direction, one.payload) for one in found.records] == [
        (one.connection, one.direction, one.payload) for one in records
    ]
    assert [one.seconds for one in found.records] == pytest.approx([one.seconds for one in records], abs=2e-6)
    path.write_bytes(whole[: data.draw(st.integers(len(written([])), len(whole)))])
    assert read(path).records == found.records[: len(read(path).records)]


@pytest.mark.parametrize(
    "content", [b"", b"API\0", b"[]\n", b'{"format": "x", "version": 1}\n', b'{"a": 1}\n']
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"no recording|is a x of version 1"):
        read(path)


def fields(*values: object) -> bytes:
    return "".join(f"{value}\0" for value in values).encode()


def test_accounts_and_references_get_one_stand_in_each() -> None:
    redaction = Redaction()
    accounts = redaction.apply(fields(15, 1, "DU4242424,U1234567"), from_client=False)
    assert accounts == fields(15, 1, "DU0000001,DU0000002")
    place = [3, 17, *[""] * 21, "U1234567", "", "", "my strategy", 1]
    assert redaction.apply(fields(*place), from_client=True) == fields(
        3, 17, *[""] * 21, "DU0000002", "", "", "ref-1", 1
    )
    order = [5, 17, *[""] * 18, "U1234567", "", "", "my strategy", 1]
    assert redaction.apply(fields(*order), from_client=False) == fields(
        5, 17, *[""] * 18, "DU0000002", "", "", "ref-1", 1
    )
    tick = fields(1, 6, 3, 1, "12345.5", 100, 1)
    assert redaction.apply(tick, from_client=False) == tick
