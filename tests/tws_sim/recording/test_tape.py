"""What a client that comes early, in time or late hears of a tape."""

from tws_sim.recording.tape import GRACE_SECONDS, Entry, Take, Tape


def bid(seconds: float, price: float) -> Entry:
    return Entry(seconds, ("1", "6", "9", "1", str(price), "5", "1"), 2)


def ask(seconds: float, price: float) -> Entry:
    return Entry(seconds, ("1", "6", "9", "2", str(price), "5", "1"), 2)


def tape() -> Tape:
    take = Take(10.0, snapshot=False, entries=[bid(10.1, 1), ask(10.2, 2), bid(11, 1.1), bid(20, 1.2)])
    return Tape([take])


def test_who_comes_before_the_recorded_client_is_sent_everything_in_time() -> None:
    assert tape().opening(9.0) == []
    assert [entry.seconds for entry in tape().since(9.0, 10.15)] == [10.1]
    assert [entry.seconds for entry in tape().since(10.15, 30.0)] == [10.2, 11, 20]


def test_who_comes_a_little_later_is_sent_every_tick() -> None:
    assert [entry.seconds for entry in tape().opening(10 + GRACE_SECONDS)] == [10.1, 10.2, 11]


def test_who_comes_late_is_sent_the_latest_of_every_kind() -> None:
    assert [entry.seconds for entry in tape().opening(15.0)] == [10.2, 11]
    assert [entry.seconds for entry in tape().opening(99.0)] == [10.2, 20]


def test_a_request_id_takes_the_place_of_the_recorded_one() -> None:
    assert bid(1, 2).for_request(77) == ["1", "6", "77", "1", "2", "5", "1"]


def test_a_take_that_runs_beside_another_is_left_out() -> None:
    both = tape()
    both.takes[0].end = 30.0
    both.add(Take(25.0, snapshot=False, entries=[bid(26, 9)]))
    both.add(Take(31.0, snapshot=False, entries=[bid(32, 3)]))
    assert [entry.seconds for entry in both.since(0, 99)] == [10.1, 10.2, 11, 20, 32]
