"""Windows, against a naive count over everything that ever passed."""

from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.risk.recent import Key, RecentOrders

CONDOR: Key = ((100, 1), (101, -1))
OTHER: Key = ((100, -1), (101, 1))

events = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 1.9, 2.0, 3.0, 9.9, 10.0, 30.0]),
        st.sampled_from(["passed", "placed"]),
        st.sampled_from(["alice", "bob"]),
        st.sampled_from(["DU1", "DU2"]),
        st.sampled_from([CONDOR, OTHER]),
    ),
    max_size=40,
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@given(events)
def test_counts_are_those_of_a_naive_count(happened: list) -> None:
    clock = Clock()
    recent = RecentOrders(clock)
    log: list[tuple[float, str, str, Key]] = []
    waiting: list[tuple[float, str, str, Key]] = []
    for pause, what, client, account, key in happened:
        clock.now += pause
        known = [each for each in waiting if each[1:] == (client, account, key) and clock.now - each[0] < 60]
        if what == "placed" and known:
            waiting.remove(known[0])
            recent.placed(client, account, key)
        else:
            log.append((clock.now, client, account, key))
            if what == "passed":
                waiting.append(log[-1])
                recent.passed(client, account, key)
            else:
                waiting = [each for each in waiting if clock.now - each[0] < 60]
                recent.placed(client, account, key)
        for who in ("alice", "bob"):
            assert recent.of_client(who) == sum(clock.now - at < 10 and c == who for at, c, _, _ in log)
        for whose in ("DU1", "DU2"):
            assert recent.of_account(whose) == sum(clock.now - at < 10 and a == whose for at, _, a, _ in log)
        last = max((at for at, _, a, k in log if (a, k) == ("DU1", CONDOR)), default=None)
        since = recent.seconds_since("DU1", CONDOR)
        if last is not None and clock.now - last < 60:
            assert since == clock.now - last


def test_an_order_ten_seconds_old_is_out_of_the_window() -> None:
    clock = Clock()
    recent = RecentOrders(clock)
    recent.passed("alice", "DU1", CONDOR)
    clock.now += 9.999
    assert recent.of_client("alice") == 1
    clock.now += 0.001
    assert recent.of_client("alice") == 0


def test_what_passed_while_another_waited_is_not_in_its_list_of_live_orders() -> None:
    clock = Clock()
    recent = RecentOrders(clock)
    recent.passed("alice", "DU1", CONDOR)
    assert recent.unseen("DU1", CONDOR, since=200.0) == 1  # it may not be recorded yet
    recent.placed("alice", "DU1", CONDOR)
    assert recent.unseen("DU1", CONDOR, since=200.0) == 0
    assert recent.unseen("DU1", CONDOR, since=100.0) == 1
    assert recent.unseen("DU1", OTHER, since=100.0) == 0
    assert recent.unseen("DU2", CONDOR, since=100.0) == 0


def test_what_is_over_is_forgotten() -> None:
    clock = Clock()
    recent = RecentOrders(clock)
    for _ in range(100):
        recent.passed("alice", "DU1", CONDOR)
        clock.now += 1.0
    assert repr(recent) == "<RecentOrders 60>"
