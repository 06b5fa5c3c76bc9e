"""The adaptive rate against a simulated server: one queue, one worker, virtual time."""

import heapq
from collections import deque
from itertools import count
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.admission.adaptive_rate import AdaptiveRate

OBJECTIVE = 0.05


class Simulation:
    """Clients that each offer `offered` calls a second through a limit of their own to one worker."""

    def __init__(self, limits: list[AdaptiveRate], offered: float, capacity: float) -> None:
        self.limits = limits
        self.capacity = capacity
        self._events: list[tuple[float, int, str, int, float]] = []
        self._order = count()
        self._free_at = 0.0
        self.ended: deque[tuple[float, int, float]] = deque()
        self._gap = 1 / offered
        for client in range(len(limits)):
            self._schedule(client * self._gap / len(limits), "arrive", client, 0.0)

    def _schedule(self, at: float, kind: str, client: int, latency: float) -> None:
        heapq.heappush(self._events, (at, next(self._order), kind, client, latency))

    def run_until(self, end: float) -> None:
        while self._events[0][0] < end:
            now, _, kind, client, latency = heapq.heappop(self._events)
            if kind == "end":
                self.limits[client].observe(latency, now)
                self.ended.append((now, client, latency))
                continue
            self._schedule(now + self._gap, "arrive", client, 0.0)
            if self.limits[client].acquire(now) == 0:
                self._free_at = max(self._free_at, now) + 1 / self.capacity
                self._schedule(self._free_at, "end", client, self._free_at - now)

    def since(self, start: float) -> list[tuple[float, int, float]]:
        return [each for each in self.ended if each[0] >= start]


@pytest.mark.parametrize("capacity", [30.0, 100.0, 250.0])
def test_it_converges_on_what_the_server_can_do_in_time(capacity):
    simulation = Simulation([AdaptiveRate(5, 1000, OBJECTIVE)], offered=2000, capacity=capacity)
    simulation.run_until(120)
    late = simulation.since(60)
    assert 0.8 * capacity <= len(late) / 60 <= 1.01 * capacity
    assert mean(latency for *_, latency in late) < 4 * OBJECTIVE


def test_it_follows_a_server_that_becomes_slower_and_recovers():
    limit = AdaptiveRate(5, 1000, OBJECTIVE)
    simulation = Simulation([limit], offered=2000, capacity=400)
    simulation.run_until(60)
    simulation.capacity = 40
    simulation.run_until(120)
    assert len(simulation.since(90)) / 30 <= 1.01 * 40
    simulation.capacity = 400
    simulation.run_until(180)
    assert len(simulation.since(150)) / 30 >= 0.8 * 400


def test_an_unlimited_client_would_drown_the_same_server():
    simulation = Simulation([AdaptiveRate(2000, 2000, OBJECTIVE)], offered=2000, capacity=100)
    simulation.run_until(30)
    assert simulation.since(29)[-1][-1] > 10


def test_two_clients_end_up_with_equal_shares():
    late_comer = AdaptiveRate(5, 1000, OBJECTIVE)
    for second in range(60):
        late_comer.observe(1.0, second - 60.0)
    assert late_comer.rate < 10
    simulation = Simulation([AdaptiveRate(5, 1000, OBJECTIVE), late_comer], offered=2000, capacity=200)
    simulation.run_until(180)
    shares = [sum(client == each for _, client, _ in simulation.since(60)) for each in (0, 1)]
    assert 0.8 < shares[0] / shares[1] < 1.25


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 10), st.booleans()), max_size=300),
    st.integers(1, 50),
    st.integers(0, 500),
)
def test_the_rate_stays_between_its_bounds(steps, lowest, more):
    limit, now = AdaptiveRate(lowest, lowest + more, OBJECTIVE), 0.0
    for gap, latency, call in steps:
        now += gap
        if call:
            limit.acquire(now)
        limit.observe(latency, now)
        assert lowest <= limit.rate <= lowest + more


def test_a_rate_that_is_not_used_does_not_grow():
    limit = AdaptiveRate(1, 100, OBJECTIVE)
    for tenth in range(40):
        limit.observe(1.0, tenth / 10)
    low = limit.rate
    assert low < 10
    for second in range(5, 100):
        limit.acquire(second)
        limit.observe(0.001, second)
    assert limit.rate == low
