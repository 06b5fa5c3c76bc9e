import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ibkr_server.gateway import pulse
from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.pacer import Pacer
from ibkr_server.gateway.pulse import Pulse

TOLD = datetime(2026, 1, 9, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "PERIOD_SECONDS", 0.0)
    monkeypatch.setattr(pulse, "SILENT_SECONDS", 0.01)
    monkeypatch.setattr(pulse, "DEAD_SECONDS", 0.03)


def beating(
    ask: Callable[[], asyncio.Future[datetime]], heard: Callable[[bool], None]
) -> tuple[Pulse, MarketClock]:
    loop = asyncio.get_running_loop()
    clock = MarketClock()
    pacer = Pacer(45.0, loop.time)
    return Pulse(ask, pacer, clock, loop.time, heard), clock


async def run(heart: Pulse, until: asyncio.Event) -> None:
    pacing = asyncio.create_task(heart._pacer.run())
    running = asyncio.create_task(heart.run())
    ending = asyncio.create_task(until.wait())
    try:
        async with asyncio.timeout(5):
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        for task in (pacing, running, ending):
            task.cancel()
        await asyncio.gather(pacing, running, ending, return_exceptions=True)


async def test_answers_set_the_market_clock() -> None:
    answered = asyncio.Event()

    def ask() -> asyncio.Future[datetime]:
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(TOLD)
        return answer

    def heard(is_silent: bool) -> None:
        assert not is_silent
        answered.set()

    heart, clock = beating(ask, heard)
    await run(heart, answered)
    assert clock.now(asyncio.get_running_loop().time()) == pytest.approx(TOLD.timestamp(), abs=1.0)


async def test_a_late_answer_is_a_silence_that_ends() -> None:
    told: list[bool] = []
    back = asyncio.Event()
    answers: list[asyncio.Future[datetime]] = []

    def ask() -> asyncio.Future[datetime]:
        answers.append(asyncio.get_running_loop().create_future())
        return answers[-1]

    def heard(is_silent: bool) -> None:
        told.append(is_silent)
        if is_silent:
            answers[0].set_result(TOLD)
        else:
            back.set()

    heart, _ = beating(ask, heard)
    await run(heart, back)
    assert told == [True, False]


async def test_without_an_answer_it_gives_up_and_withdraws_the_question() -> None:
    told: list[bool] = []
    answers: list[asyncio.Future[datetime]] = []

    def ask() -> asyncio.Future[datetime]:
        answers.append(asyncio.get_running_loop().create_future())
        return answers[-1]

    heart, _ = beating(ask, told.append)
    with pytest.raises(TimeoutError, match="silent"):
        await run(heart, asyncio.Event())
    assert told == [True]
    assert answers[0].cancelled()
