"""When a stream speaks, on virtual time."""

import math

from hypothesis import given
from hypothesis import strategies as st

from scanner_server.streams.pacing import HEARTBEAT_SECONDS, Due, Pacing


def test_news_waits_for_the_interval_since_the_last_ranking() -> None:
    pacing = Pacing(0.25, spoke_at=0.0)
    assert pacing.decide(0.0, news_at=-math.inf, has_credit=True) is Due.RANKING
    pacing.sent(Due.RANKING, 0.0)
    assert pacing.decide(0.1, news_at=-math.inf, has_credit=True) == 0.25
    assert pacing.decide(0.25, news_at=-math.inf, has_credit=True) is Due.RANKING


def test_without_a_credit_only_heartbeats_go() -> None:
    pacing = Pacing(0.0, spoke_at=0.0)
    assert pacing.decide(4.9, news_at=-math.inf, has_credit=False) == HEARTBEAT_SECONDS
    assert pacing.decide(5.0, news_at=-math.inf, has_credit=False) is Due.HEARTBEAT
    pacing.sent(Due.HEARTBEAT, 5.0)
    assert pacing.decide(5.0, news_at=-math.inf, has_credit=True) is Due.RANKING


def test_without_news_it_looks_again_when_there_will_be_some() -> None:
    pacing = Pacing(0.0, spoke_at=0.0)
    assert pacing.decide(0.0, news_at=0.2, has_credit=True) == 0.2
    assert pacing.decide(0.0, news_at=math.inf, has_credit=True) == HEARTBEAT_SECONDS


def test_another_spec_does_not_wait() -> None:
    pacing = Pacing(60.0, spoke_at=0.0)
    pacing.sent(Due.RANKING, 0.0)
    pacing.renew()
    assert pacing.decide(0.1, news_at=-math.inf, has_credit=True) is Due.RANKING


@given(
    st.floats(0, 60),
    st.lists(st.tuples(st.floats(0, 7), st.booleans(), st.booleans()), max_size=50),
)
def test_speaks_no_sooner_than_asked_and_is_never_silent_for_long(
    min_interval: float, steps: list[tuple[float, bool, bool]]
) -> None:
    pacing, now, ranked_at, spoke_at = Pacing(min_interval, spoke_at=0.0), 0.0, -math.inf, 0.0
    for elapsed, has_news, has_credit in steps:
        now += elapsed
        due = pacing.decide(now, news_at=-math.inf if has_news else math.inf, has_credit=has_credit)
        if due is Due.RANKING:
            assert has_news
            assert has_credit
            assert now >= ranked_at + min_interval
            ranked_at = now
        if isinstance(due, Due):
            pacing.sent(due, now)
            spoke_at = now
        else:
            assert now < due <= spoke_at + HEARTBEAT_SECONDS
