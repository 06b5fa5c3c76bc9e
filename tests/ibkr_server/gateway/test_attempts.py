import asyncio

import pytest

from ibkr_server.gateway.attempts import RETRY_MOST_SECONDS, retry_delay, until_closed


async def test_an_attempt_that_succeeds_gives_its_result() -> None:
    attempt: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    attempt.set_result(7)
    assert await until_closed(attempt, asyncio.Event(), 1.0) == 7


async def test_a_closed_socket_ends_the_attempt_at_once() -> None:
    attempt: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    closed = asyncio.Event()
    closed.set()
    with pytest.raises(TimeoutError, match="closed the connection"):
        await until_closed(attempt, closed, 60.0)
    assert attempt.cancelled()


async def test_a_silent_gateway_ends_the_attempt_in_time() -> None:
    attempt: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError, match="no answer"):
        await until_closed(attempt, asyncio.Event(), 0.0)
    assert attempt.cancelled()


async def test_a_refused_attempt_keeps_its_error() -> None:
    attempt: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    attempt.set_exception(ConnectionRefusedError())
    with pytest.raises(ConnectionRefusedError):
        await until_closed(attempt, asyncio.Event(), 1.0)


def test_pauses_grow_to_a_bound_and_differ() -> None:
    assert retry_delay(0) <= 0.25
    assert 0.5 * RETRY_MOST_SECONDS <= retry_delay(1000) <= RETRY_MOST_SECONDS
    assert len({retry_delay(5) for _ in range(10)}) > 1
