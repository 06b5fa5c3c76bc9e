from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.gateway.outcomes import WINDOW_SECONDS, Outcome, Outcomes
from ibkr_server.gateway.recent import SLOTS, RecentCount


@given(st.lists(st.floats(0.0, 20.0), max_size=50))
def test_counts_what_is_younger_than_the_window_and_a_slot_of_it_at_most_early(pauses: list[float]) -> None:
    recent, times, now = RecentCount(60.0), deque[float](), 1000.0
    for pause in pauses:
        now += pause
        recent.add(now)
        times.append(now)
        least = sum(now - time <= 60.0 - 60.0 / SLOTS for time in times)
        assert least <= recent.total(now) <= sum(now - time <= 60.0 for time in times)
    assert recent.total(now + 61.0) == 0


def test_the_error_rate_is_that_of_the_last_minutes() -> None:
    now = 0.0
    outcomes = Outcomes(lambda: now)
    assert (outcomes.requests, outcomes.error_rate) == (0, 0.0)
    for outcome in [Outcome.ANSWERED] * 6 + [Outcome.REFUSED, Outcome.UNANSWERED]:
        outcomes.count(outcome)
    assert (outcomes.requests, outcomes.error_rate) == (8, 0.25)
    now = WINDOW_SECONDS + 1.0
    outcomes.count(Outcome.ANSWERED)
    assert (outcomes.requests, outcomes.error_rate) == (1, 0.0)
    assert outcomes.totals == {Outcome.ANSWERED: 7, Outcome.REFUSED: 1, Outcome.UNANSWERED: 1}
