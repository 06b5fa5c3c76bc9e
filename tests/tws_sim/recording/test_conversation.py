"""What a recording says about its market."""

from datetime import UTC, datetime

from tests.tws_sim.wire_client import SHARE, option
from tws_sim.market.listing import ContractQuery
from tws_sim.recording.conversation import Conversation, understand
from tws_sim.recording.file import Direction, Record, Recording

STARTED = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SPY_DETAILS = (
    *("10", "3", "SPY", "STK", "", "0", "", "SMART", "USD", "SPY", "NMS", "NMS", "756733", "0.01", ""),
    *("LMT", "SMART,ARCA", "1", "0", "SPY INC", "ARCA", "", "", "", "", "US/Eastern", "", "", "", "0", "0"),
    *("1", "", "", "26", "", "ETF", "1", "1", "100"),
)


def frame(*fields: object) -> bytes:
    return "".join(f"{field}\0" for field in fields).encode()


def frames(
    *said: tuple[float, str, tuple[object, ...]], hello: str = "20151224 10:30:10 EST"
) -> Conversation:
    records = [
        Record(0.0, 1, Direction.OPENED),
        Record(0.1, 1, Direction.FROM_CLIENT, b"v157..176"),
        Record(0.2, 1, Direction.TO_CLIENT, frame(176, hello)),
        *(Record(seconds, 1, Direction(way.encode()), frame(*fields)) for seconds, way, fields in said),
    ]
    return understand(Recording(STARTED, records))


def test_the_clock_is_the_gateway_s_from_start_api_on() -> None:
    start = (1.2, "<", (71, 2, 7, ""))
    assert frames(start).begins.isoformat() == "2015-12-24T10:30:11-05:00"
    assert frames(start, hello="20151224 10:30:10 Mars").begins.timestamp() == STARTED.timestamp() + 1.2


def test_ticks_belong_to_the_contract_that_was_asked_for_even_before_its_details_came() -> None:
    found = frames(
        (1.0, "<", (71, 2, 7, "")),
        (2.0, "<", (1, 11, 9, *SHARE, 0, "", 0, 0, "")),
        (2.1, ">", (1, 6, 9, 1, "590.1", 300, 1)),
        (2.2, ">", (1, 6, 8, 1, "17", 300, 1)),  # of another request
        (3.0, ">", SPY_DETAILS),
        (4.0, "<", (2, 2, 9)),
        (4.1, ">", (1, 6, 9, 1, "590.2", 300, 1)),  # after the cancellation
    )
    (take,) = found.tapes[756733].takes
    assert (take.start, take.end, take.snapshot) == (2.0, 4.0, False)
    assert [entry.fields[4] for entry in take.entries] == ["590.1"]
    assert [one.symbol for one in found.match(ContractQuery(symbol="SPY", sec_type="STK"))] == ["SPY"]


def test_what_cannot_be_read_is_passed_over() -> None:
    found = frames(
        (1.0, "<", ("what",)),
        (1.0, ">", ("10", "3")),
        (1.0, ">", ("75", "x")),
        (1.0, ">", ("1", "6", "nine")),
        (2.0, "<", (1, 11, 9, *option(), 0, "", 0, 0, "")),
        (3.0, "-", ()),
    )
    assert (found.details, found.tapes) == ({}, {})
