"""Whatever is wanted in the meantime, the messages lead a peer to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.market.v1.quotes_pb2 import StreamQuotesRequest

from scanner_server.feed import outbox as module
from scanner_server.feed.outbox import Outbox

priorities = st.dictionaries(st.integers(1, 12), st.sampled_from([0, 20, 60, 100]))


def obey(known: dict[int, int], message: StreamQuotesRequest) -> None:
    for con_id in message.drop.con_ids:
        del known[con_id]
    known |= dict.fromkeys(message.add.con_ids, message.add.priority)


@given(st.lists(st.tuples(priorities, st.integers(0, 4)), max_size=8))
def test_a_peer_ends_with_what_is_wanted(steps: list[tuple[dict[int, int], int]]) -> None:
    outbox, known, wanted = Outbox(), dict[int, int](), dict[int, int]()
    for wanted, messages in steps:
        outbox.want(wanted)
        for _ in range(messages):
            if message := outbox.next():
                obey(known, message)
    while message := outbox.next():
        obey(known, message)
    assert known == wanted


def test_credits_and_pings_go_before_contracts() -> None:
    outbox = Outbox()
    outbox.want({1: 20})
    outbox.ping(5)
    outbox.ping(6)
    outbox.grant(2)
    outbox.grant(1)
    first, second, third = outbox.next(), outbox.next(), outbox.next()
    assert first is not None
    assert first.grant.credits == 3
    assert second is not None
    assert second.ping.nonce == 6
    assert third is not None
    assert third.add.con_ids == [1]
    assert outbox.next() is None


def test_the_highest_priority_goes_first_in_messages_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONTRACTS_A_MESSAGE", 2)
    outbox = Outbox()
    outbox.want({1: 20, 2: 60, 3: 60, 4: 60})
    added = []
    while message := outbox.next():
        added.append((list(message.add.con_ids), message.add.priority))
    assert added == [([2, 3], 60), ([4], 60), ([1], 20)]
