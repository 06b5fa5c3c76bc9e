"""The lines against a gateway that behaves as said, on virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from ibkr_server.gateway.pacer import Pacer
from ibkr_server.lines.lease_book import LeaseBook
from ibkr_server.lines.lines import COMPETING_RETRY_SECONDS, Lines
from tests.ibkr_server.loop_clock import LoopClock

CONTRACTS = 20


class Gateway:
    """Quotes at once what is subscribed to, unless another session competes or the message gets lost."""

    ready = True

    def __init__(self, time: LoopClock) -> None:
        self.pacer = Pacer(40.0, lambda: time.now)
        self.lines = Lines(LeaseBook(100, 10.0, 100), self, self.pacer, lambda: time.now)
        self.known: set[int] = set()
        self.sent: list[tuple[str, int]] = []
        self.unknown_cancelled = 0
        self.competes = False
        self.keeps_requests = True
        self.drops: set[int] = set()

    def subscribe(self, con_id: int, number: int) -> None:
        self.pacer.read(number)
        self.sent.append(("start", con_id))
        if con_id in self.drops:
            self.drops.discard(con_id)
            self.lines.messages_dropped()
        elif self.competes:
            if self.keeps_requests:
                self.known.add(con_id)
            self.lines.refused(con_id, 10197, "competing")
        else:
            self.known.add(con_id)
            self.lines.quoted(con_id)

    def unsubscribe(self, con_id: int) -> None:
        self.pacer.forget_unread()
        self.sent.append(("stop", con_id))
        if con_id not in self.known:
            self.unknown_cancelled += 1
            self.lines.cancellation_refused()
        self.known.discard(con_id)

    def compete(self, *, keeps_requests: bool) -> None:
        self.competes, self.keeps_requests = True, keeps_requests
        for con_id in sorted(self.known):
            self.lines.refused(con_id, 10197, "competing")
        if not keeps_requests:
            self.known.clear()

    def stop_competing(self) -> None:
        self.competes = False
        for con_id in sorted(self.known):
            self.lines.quoted(con_id)


@pytest.fixture
async def gateway(time: LoopClock) -> AsyncIterator[Gateway]:
    """With twenty contracts subscribed and quoted."""
    gateway = Gateway(time)
    running = [asyncio.create_task(gateway.pacer.run()), asyncio.create_task(gateway.lines.run())]
    for con_id in range(CONTRACTS):
        gateway.lines.want("test", con_id, 10)
    await time.advance(1.0)
    assert gateway.known == set(range(CONTRACTS))
    gateway.sent.clear()
    try:
        yield gateway
    finally:
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running)


def quoted(gateway: Gateway) -> bool:
    return all(gateway.lines.is_quoted(con_id) for con_id in range(CONTRACTS))


async def test_requests_that_outlive_a_competing_session_are_left_alone(
    time: LoopClock, gateway: Gateway
) -> None:
    gateway.compete(keeps_requests=True)
    await time.advance(3.0)
    gateway.stop_competing()
    await time.advance(3.0)
    assert gateway.sent == []
    assert quoted(gateway)


async def test_of_requests_that_a_competing_session_has_ended_one_is_cancelled_to_know(
    time: LoopClock, gateway: Gateway
) -> None:
    gateway.compete(keeps_requests=False)
    gateway.stop_competing()
    await time.advance(COMPETING_RETRY_SECONDS - 1.0, step=0.01)
    assert gateway.sent == []
    await time.advance(4.0)
    assert gateway.unknown_cancelled == 1
    assert [kind for kind, _ in gateway.sent] == ["stop"] + ["start"] * CONTRACTS
    assert quoted(gateway)


@pytest.mark.parametrize("keeps_requests", [True, False])
async def test_a_session_that_goes_on_competing_is_asked_after_with_one_request(
    time: LoopClock, gateway: Gateway, keeps_requests: bool
) -> None:
    gateway.compete(keeps_requests=keeps_requests)
    await time.advance(2 * COMPETING_RETRY_SECONDS + 10.0, step=0.01)
    assert sum(kind == "start" for kind, _ in gateway.sent) == 2
    gateway.stop_competing()
    await time.advance(COMPETING_RETRY_SECONDS + 3.0, step=0.01)
    assert quoted(gateway)
    assert gateway.unknown_cancelled == (0 if keeps_requests else 2)


async def test_a_quote_of_what_had_to_wait_does_not_hide_that_the_others_have_ended(
    time: LoopClock, gateway: Gateway
) -> None:
    gateway.compete(keeps_requests=False)
    gateway.lines.want("test", CONTRACTS, 10)
    gateway.stop_competing()
    await time.advance(COMPETING_RETRY_SECONDS + 5.0, step=0.01)
    assert gateway.sent[:2] == [("start", CONTRACTS), ("stop", 0)]
    assert gateway.unknown_cancelled == 1
    assert quoted(gateway)


async def test_a_subscription_that_was_dropped_is_made_again_once(time: LoopClock, gateway: Gateway) -> None:
    gateway.drops = {101}
    for con_id in (100, 101, 102):
        gateway.lines.want("test", con_id, 10)
    await time.advance(1.0)
    assert not gateway.lines.is_quoted(101)
    await time.advance(2.0)
    assert gateway.sent[3:] == [("stop", 101), ("start", 101)]
    assert gateway.lines.is_quoted(101)
    await time.advance(10.0, step=0.01)
    assert len(gateway.sent) == 5


async def test_what_has_long_been_without_a_quote_was_not_dropped(time: LoopClock, gateway: Gateway) -> None:
    gateway.lines.book.get(3).quoted = False  # type: ignore[union-attr]  # it is wanted
    await time.advance(10.0, step=0.01)
    gateway.lines.messages_dropped()
    await time.advance(10.0, step=0.01)
    assert gateway.sent == []
