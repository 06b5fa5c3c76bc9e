"""IB's limits on historical requests, in the count of a gateway that reads them whenever it gets to it."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.history.bars import HistoryQuery, Kind
from ibkr_server.history.pacing import MOST_OPEN, VIOLATION_SECONDS, HistoryPacing, Sent


def query(con_id: int, days: int = 252) -> HistoryQuery:
    return HistoryQuery(con_id, "SMART", Kind.IMPLIED_VOLATILITY, days)


@dataclass
class Request:
    """One that was sent: the gateway reads it `read` and answers it `answered`, in seconds."""

    query: HistoryQuery
    sent: float
    read: float
    answered: float


ASKED = st.tuples(
    st.floats(0.0, 12.0),  # pause before it
    st.integers(1, 12),  # contract
    st.integers(1, 4),  # days: other requests for the same contract
    st.floats(0.0, 1.0),  # when the gateway reads it, as a share of the time to its answer
    st.floats(0.0, 40.0),  # time to its answer
)


def run(asked: list[tuple[float, int, int, float, float]]) -> list[Request]:
    """Send one after another as soon as the pacing lets it, and end each when it's answered."""
    pacing, now = HistoryPacing(), 0.0
    under_way: list[tuple[Request, Sent]] = []
    done: list[Request] = []

    def pass_time(until: float) -> None:
        for request, sent in list(under_way):
            if request.answered <= until:
                sent.ended = request.answered
                under_way.remove((request, sent))

    for pause, con_id, days, share, seconds in asked:
        now += pause
        pass_time(now)
        wanted = query(con_id, days)
        while (delay := pacing.delay(wanted, now)) > 0:
            next_answer = min((request.answered for request, _ in under_way), default=float("inf"))
            now = max(now, min(next_answer, now + delay))
            pass_time(now)
        request = Request(wanted, now, now + share * seconds, now + seconds)
        under_way.append((request, pacing.send(wanted, now)))
        done.append(request)
    return done


@settings(max_examples=60)
@given(st.lists(ASKED, min_size=65, max_size=130))
def test_no_window_of_the_gateway_is_ever_exceeded(asked: list[tuple[float, int, int, float, float]]) -> None:
    requests = run(asked)
    assert len(requests) == len(asked)
    for one in requests:
        before = [other for other in requests if other.read <= one.read]
        assert sum(one.read - other.read < 600 - 1e-6 for other in before) <= 60
        same = [other for other in before if other.query.series == one.query.series]
        assert sum(one.read - other.read < 2 - 1e-6 for other in same) <= 5
        identical = [other for other in before if other.query == one.query and other is not one]
        assert all(one.read - other.read > 15 - 1e-6 for other in identical)
        assert sum(other.sent <= one.sent < other.answered for other in requests) <= MOST_OPEN


def test_sixty_are_sent_at_once_and_the_next_one_ten_minutes_after_the_first_was_answered() -> None:
    pacing = HistoryPacing()
    for number in range(60):
        assert pacing.delay(query(number), 0.0) == 0
        pacing.send(query(number), 0.0).ended = 1.0 + number
    assert pacing.delay(query(60), 61.0) == 601.0 - 61.0
    assert pacing.delay(query(60), 601.0) == 0


def test_the_fifty_first_waits_for_an_answer() -> None:
    pacing = HistoryPacing()
    sent = [pacing.send(query(number), 0.0) for number in range(50)]
    assert pacing.delay(query(50), 100.0) == float("inf")
    sent[7].ended = 100.0
    assert pacing.delay(query(50), 100.0) == 0


def test_a_sixth_for_one_contract_waits_two_seconds_and_an_identical_one_fifteen() -> None:
    pacing = HistoryPacing()
    for days in range(5):
        pacing.send(query(1, days), 0.0).ended = 0.5
    assert pacing.delay(query(1, 5), 0.5) == 2.0
    assert pacing.delay(query(2, 5), 0.5) == 0
    assert pacing.delay(query(1, 4), 0.5) == 15.0


def test_after_a_complaint_nothing_is_sent_for_a_while() -> None:
    pacing = HistoryPacing()
    pacing.violated(10.0)
    assert pacing.delay(query(1), 11.0) == VIOLATION_SECONDS - 1.0
    assert pacing.delay(query(1), 10.0 + VIOLATION_SECONDS) == 0
