from ibkr_server.gateway.subscriptions import Subscriptions


def test_only_the_latest_request_for_a_contract_is_open() -> None:
    subscriptions = Subscriptions()
    subscriptions.start(7, 101, number=1)
    assert subscriptions.end(7) == 101
    assert subscriptions.end(7) is None
    subscriptions.start(7, 102, number=2)
    assert subscriptions.con_ids == [7]
    assert subscriptions.end(7) == 102


def test_a_request_is_answered_once() -> None:
    subscriptions = Subscriptions()
    subscriptions.start(7, 101, number=41)
    assert subscriptions.answer(7) == 41
    assert subscriptions.answer(7) is None
    subscriptions.start(8, 102, number=42)
    subscriptions.end(8)
    assert subscriptions.answer(8) is None
