import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from ibkr_server.gateway.pacer import MOST_IN_A_SECOND, Lane, Pacer
from tests.ibkr_server.loop_clock import LoopClock


@asynccontextmanager
async def running(pacer: Pacer) -> AsyncIterator[None]:
    task = asyncio.create_task(pacer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def recorder(
    pacer: Pacer, time: LoopClock, sent: list[tuple[Lane, float]]
) -> Callable[[Lane], Awaitable[None]]:
    async def send(lane: Lane) -> None:
        number = await pacer.turn(lane)
        sent.append((lane, time.now))
        pacer.read(number)

    return send


async def test_never_exceeds_its_rate_in_any_second(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    send = recorder(pacer, time, sent)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(send(Lane.MARKET_DATA))
        await time.advance(3.0)
    times = [at for _, at in sent]
    assert len(times) == 100
    assert max(sum(t <= other < t + 1.0 for other in times) for t in times) <= 41
    assert pacer.most_in_a_second <= 41
    assert pacer.sent[Lane.MARKET_DATA] == 100


async def test_an_order_passes_everything_that_waits(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    send = recorder(pacer, time, sent)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        for lane in [Lane.HISTORY] * 10 + [Lane.MARKET_DATA] * 50 + [Lane.REQUESTS] * 10:
            tasks.create_task(send(lane))
        await time.advance(0.1)
        tasks.create_task(send(Lane.ORDERS))
        before = len(sent)
        await time.advance(0.03)
        assert sent[before][0] is Lane.ORDERS
        await time.advance(3.0)
    lanes = [lane for lane, _ in sent]
    assert lanes[-10:] == [Lane.HISTORY] * 10


async def test_a_caller_that_gives_up_does_not_hold_up_the_queue(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    send = recorder(pacer, time, sent)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        gone = [tasks.create_task(send(Lane.REQUESTS)) for _ in range(20)]
        await time.settle()
        for task in gone:
            task.cancel()
        tasks.create_task(send(Lane.MARKET_DATA))
        await time.advance(0.06)
        assert [lane for lane, _ in sent if lane is Lane.MARKET_DATA]
        assert pacer.queued(Lane.REQUESTS) == 0


async def test_counts_what_was_sent_past_it(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    pacer.charge(10)
    start = time.now
    async with running(pacer), asyncio.TaskGroup() as tasks:
        tasks.create_task(recorder(pacer, time, sent)(Lane.ORDERS))
        await time.advance(0.5)
    assert sent[0][1] - start == pytest.approx(10 / 40.0, abs=0.01)
    assert sum(pacer.sent.values()) == 11


async def test_refuses_more_than_it_will_hold(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now, capacity=1)
    first = asyncio.create_task(pacer.turn(Lane.REQUESTS))
    await time.settle()
    with pytest.raises(OverflowError, match="1 messages"):
        await pacer.turn(Lane.ORDERS)
    first.cancel()


async def test_stops_when_the_gateway_reads_no_more_and_goes_on_evenly(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[float] = []

    async def send() -> None:
        await pacer.turn(Lane.MARKET_DATA)
        sent.append(time.now)

    async with running(pacer), asyncio.TaskGroup() as tasks:
        for _ in range(120):
            tasks.create_task(send())
        await time.advance(5.0)
        assert len(sent) == MOST_IN_A_SECOND
        assert pacer.proof_wanted.is_set()
        pacer.read(MOST_IN_A_SECOND)
        assert not pacer.proof_wanted.is_set()
        await time.advance(0.99)
        assert len(sent) == MOST_IN_A_SECOND
        await time.advance(0.51)
        assert 20 <= len(sent) - MOST_IN_A_SECOND <= 21
        pacer.forget_unread()
        await time.advance(3.0)
        pacer.forget_unread()
        await time.advance(3.0)
    assert len(sent) == 120


async def test_nothing_is_sent_while_held(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    start = time.now
    pacer.hold(1.0)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        tasks.create_task(recorder(pacer, time, sent)(Lane.PULSE))
        await time.advance(1.1)
    assert sent[0][1] - start == pytest.approx(1.0, abs=0.01)


async def test_who_waits_for_long_counts_as_throttled_for_a_minute(time: LoopClock) -> None:
    pacer = Pacer(40.0, lambda: time.now)
    sent: list[tuple[Lane, float]] = []
    send = recorder(pacer, time, sent)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        for _ in range(60):
            tasks.create_task(send(Lane.REQUESTS))
        await time.advance(2.0)
    assert (
        pacer.throttled[Lane.REQUESTS]
        == pacer.throttled_last_minute
        == sum(at - sent[0][1] > 1.0 for _, at in sent)
    )
    time.now += 61.0
    assert pacer.throttled_last_minute == 0
    assert pacer.throttled[Lane.REQUESTS] > 0


async def test_more_lines_allow_a_higher_pace_which_coarse_timers_do_not_lower(time: LoopClock) -> None:
    pacer = Pacer(1_000.0, lambda: time.now, most_in_a_second=1_000)
    sent: list[tuple[Lane, float]] = []
    send = recorder(pacer, time, sent)
    async with running(pacer), asyncio.TaskGroup() as tasks:
        for _ in range(900):
            tasks.create_task(send(Lane.MARKET_DATA))
        await time.settle()
        for _ in range(100):
            time.now += 0.008  # late by several messages each time
            await time.settle()
        reached = len(sent)
        await time.advance(1.0)
    assert 750 <= reached <= 810
    assert pacer.most_in_a_second <= 1_000
