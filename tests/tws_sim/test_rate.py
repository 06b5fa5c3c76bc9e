from hypothesis import given
from hypothesis import strategies as st

from tws_sim.rate import JITTER_SECONDS, RateLimit, SlidingWindow

TIMES = st.lists(st.floats(0, 20), max_size=200).map(sorted)


@given(TIMES)
def test_the_maximum_is_that_of_any_window(times: list[float]) -> None:
    window = SlidingWindow()
    for time in times:
        window.add(time)
    expected = max((sum(0 <= end - time < 1.0 for time in times) for end in times), default=0)
    assert window.maximum == expected


@given(TIMES, st.integers(1, 60))
def test_never_admits_more_than_the_limit_within_a_second(times: list[float], limit: int) -> None:
    rate = RateLimit(limit)
    admitted = [time for time in times if rate.admit(time)]
    second = 1.0 - JITTER_SECONDS
    assert all(sum(0 <= end - time < second for time in admitted) <= limit for end in admitted)


def test_a_burst_is_one_violation_and_three_are_too_many() -> None:
    rate = RateLimit(50)
    for second in range(3):
        assert not rate.exhausted
        assert [rate.admit(10.0 * second) for _ in range(60)] == [True] * 50 + [False] * 10
        assert rate.violations == second + 1
    assert rate.exhausted


def test_a_client_that_paces_itself_is_never_refused() -> None:
    rate = RateLimit(50)
    assert all(rate.admit(batch * 1.001) for batch in range(10) for _ in range(45))
