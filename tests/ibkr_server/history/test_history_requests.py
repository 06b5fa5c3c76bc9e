"""Sharing, queueing and giving up, on virtual time and against a gateway of a few lines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import grpc
import pytest

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.history.bars import DailyBar, DailyHistory, HistoryQuery, Kind
from ibkr_server.history.requests import MOST_REQUESTS, HistoryRequests
from mesh.errors import MeshError, unavailable
from tests.ibkr_server.gateway.test_pacer import LoopClock

BARS = (DailyBar(date(2026, 11, 19), 0.2, 0.22, 0.19, 0.21, None),)


def query(con_id: int, days: int = 252) -> HistoryQuery:
    return HistoryQuery(con_id, "SMART", Kind.IMPLIED_VOLATILITY, days)


class Gateway:
    """Answers when its gate is open, with an error where one is put."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.errors: list[MeshError] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self, asked: HistoryQuery) -> tuple[DailyBar, ...]:
        self.asked.append(asked.con_id)
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop()
        return BARS


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> LoopClock:
    return LoopClock(monkeypatch)


@pytest.fixture
async def requests(gateway: Gateway, time: LoopClock) -> AsyncIterator[HistoryRequests]:
    made = HistoryRequests(gateway.ask, lambda: 1e9 + time.now, lambda: time.now)
    yield made
    await made.close()


async def refused(awaited: "asyncio.Future[DailyHistory] | asyncio.Task[DailyHistory]") -> MeshError:
    with pytest.raises(MeshError) as raised:
        await awaited
    return raised.value


async def test_identical_requests_share_one_and_its_answer_for_fifteen_seconds(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.gate.clear()
    callers = [asyncio.create_task(requests.daily(query(1))) for _ in range(10)]
    await time.settle()
    gateway.gate.set()
    answers = await asyncio.gather(*callers)
    await time.advance(14.9, step=0.1)
    answers.append(await requests.daily(query(1)))
    assert gateway.asked == [1]
    assert {id(answer) for answer in answers} == {id(answers[0])}
    assert answers[0].bars == BARS
    await time.advance(0.2)
    later = await requests.daily(query(1))
    assert gateway.asked == [1, 1]
    assert later.as_of > answers[0].as_of + 15


async def test_a_refusal_is_an_answer_too(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.errors = [GatewayRefusal(200, "No security definition has been found for the request")]
    for _ in range(3):
        error = await refused(asyncio.create_task(requests.daily(query(1))))
        assert error.code is grpc.StatusCode.NOT_FOUND
    assert gateway.asked == [1]
    await time.advance(15.1, step=0.1)
    assert (await requests.daily(query(1))).bars == BARS


async def test_without_an_answer_the_next_caller_asks_again_once_it_may(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.errors = [unavailable("gone", 1.0)]
    assert (await refused(asyncio.create_task(requests.daily(query(1))))).code is grpc.StatusCode.UNAVAILABLE
    again = asyncio.create_task(requests.daily(query(1)))
    await time.advance(14.5, step=0.1)
    assert gateway.asked == [1]
    await time.advance(1.0, step=0.1)
    assert (await again).bars == BARS
    assert gateway.asked == [1, 1]


async def test_beyond_sixty_a_caller_hears_when_there_is_room(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    await asyncio.gather(*(requests.daily(query(number)) for number in range(60)))
    await time.advance(100.0, step=1.0)
    error = await refused(asyncio.create_task(requests.daily(query(60))))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.retry_after_seconds == pytest.approx(500.0, abs=1.5)
    await time.advance(error.retry_after_seconds, step=1.0)
    assert (await requests.daily(query(60))).bars == BARS


async def test_a_waiting_request_ends_with_its_last_caller_and_the_queue_goes_on(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.gate.clear()
    sent = [asyncio.create_task(requests.daily(query(number))) for number in range(50)]
    impatient = [asyncio.create_task(requests.daily(query(50))) for _ in range(2)]
    patient = asyncio.create_task(requests.daily(query(51)))
    await time.settle()
    for task in impatient:
        task.cancel()
    await asyncio.gather(*impatient, return_exceptions=True)
    gateway.gate.set()
    assert (await patient).bars == BARS
    await asyncio.gather(*sent)
    assert 50 not in gateway.asked
    assert len(gateway.asked) == 51


async def test_a_sent_request_outlives_its_caller_and_serves_the_next(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.gate.clear()
    caller = asyncio.create_task(requests.daily(query(1)))
    await time.settle()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    gateway.gate.set()
    assert (await requests.daily(query(1))).bars == BARS
    assert gateway.asked == [1]


async def test_no_turn_within_a_minute_is_refused(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.gate.clear()
    sent = [asyncio.create_task(requests.daily(query(number))) for number in range(50)]
    waiting = asyncio.create_task(requests.daily(query(50)))
    await time.advance(61.0, step=0.5)
    assert (await refused(waiting)).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    gateway.gate.set()
    await asyncio.gather(*sent)


async def test_a_pacing_violation_keeps_all_quiet_for_a_while(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    text = "Historical Market Data Service error message:Historical data request pacing violation"
    gateway.errors = [GatewayRefusal(162, text)]
    error = await refused(asyncio.create_task(requests.daily(query(1))))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.retry_after_seconds == 15
    other = asyncio.create_task(requests.daily(query(2)))
    await time.advance(14.5, step=0.1)
    assert gateway.asked == [1]
    await time.advance(1.0, step=0.1)
    assert (await other).bars == BARS


async def test_more_than_it_will_hold_is_refused(
    requests: HistoryRequests, gateway: Gateway, time: LoopClock
) -> None:
    gateway.gate.clear()
    held = [asyncio.create_task(requests.daily(query(number))) for number in range(MOST_REQUESTS)]
    await time.settle()
    error = await refused(asyncio.create_task(requests.daily(query(MOST_REQUESTS))))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    await requests.close()
    outcomes = await asyncio.gather(*held, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
