import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.gateway.window import Window

MOST = 5


@dataclass
class Gateway:
    """Reads what has been sent some time before it answers, in order; `whims` say how early, from 0 to 1."""

    whims: list[float]
    sent: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)

    def answers(self, number: int, now: float) -> None:
        while len(self.read) < number:
            place = len(self.read)
            earliest = max(self.sent[place], self.read[-1] if self.read else 0.0)
            self.read.append(now - self.whims[place % len(self.whims)] * (now - earliest))

    @property
    def most_in_a_second(self) -> int:
        return max((sum(at <= other < at + 1.0 for other in self.read) for at in self.read), default=0)


pauses = st.one_of(st.sampled_from([0.0, 0.45, 0.95, 1.0]), st.floats(0.0, 1.2))
answers = st.one_of(st.none(), st.just(1.0), st.floats(0.0, 1.0))
moments = st.lists(st.tuples(pauses, st.integers(0, MOST), answers), min_size=2, max_size=40)


@given(moments, st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_the_gateway_never_reads_more_in_a_second_however_it_dawdles(
    moments: list[tuple[float, int, float | None]], whims: list[float]
) -> None:
    window, gateway, now = Window(MOST), Gateway(whims), 0.0
    for pause, messages, answered in moments:
        now += pause
        for _ in range(messages):
            if window.wait(now) == 0.0:
                window.send()
                gateway.sent.append(now)
        if answered is not None:
            number = round(answered * window.sent)
            gateway.answers(number, now)
            window.read(number, now)
    gateway.answers(window.sent, now)
    assert gateway.most_in_a_second <= MOST


def test_tells_how_long_to_wait() -> None:
    window = Window(2)
    assert window.wait(0.0) == 0.0
    window.send(2)
    assert window.wait(100.0) == math.inf
    window.read(1, 100.0)
    assert window.unread == 1
    assert window.wait(100.4) == pytest.approx(0.6)
    assert window.wait(101.0) == 0.0


def test_an_answer_to_an_earlier_message_says_nothing_new() -> None:
    window = Window(3)
    window.send(3)
    window.read(3, 1.0)
    window.read(1, 1.9)
    assert window.wait(2.0) == 0.0
