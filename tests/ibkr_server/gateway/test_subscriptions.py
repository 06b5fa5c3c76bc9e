from ibkr_server.gateway.subscriptions import LATE_WINDOW, Subscriptions


def test_only_the_latest_request_for_a_contract_is_open() -> None:
    subscriptions = Subscriptions[list[str]]()
    first, second = ["same"], ["same"]
    subscriptions.start(7, first, number=1)
    assert subscriptions.is_open(7, first)
    assert not subscriptions.is_open(7, second)
    assert subscriptions.end(7) is first
    subscriptions.start(7, second, number=2)
    assert not subscriptions.is_open(7, first)
    assert subscriptions.con_ids == [7]


def test_a_request_is_answered_once() -> None:
    subscriptions = Subscriptions[str]()
    subscriptions.start(7, "a", number=41)
    assert subscriptions.answer(7) == 41
    assert subscriptions.answer(7) is None
    subscriptions.start(8, "b", number=42)
    subscriptions.end(8)
    assert subscriptions.answer(8) is None


def test_remembers_so_many_cancelled_requests_and_hands_out_those_it_forgets() -> None:
    subscriptions = Subscriptions[str]()
    assert [subscriptions.cancelled(number, str(number)) for number in range(LATE_WINDOW)] == [
        None
    ] * LATE_WINDOW
    assert subscriptions.cancelled(LATE_WINDOW, "last") == (0, "0")
    assert not subscriptions.is_cancelled(0)
    assert subscriptions.is_cancelled(1)
    subscriptions.clear()
    assert not subscriptions.is_cancelled(1)
