"""Reads are retried when the server says so, as it says, and never past the deadline."""

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import MeshError, invalid_argument, quota_exceeded, to_trailers, unavailable
from mesh.retry import JITTER_SECONDS, LONGEST_WAIT_SECONDS, is_retryable, read_retry


class Clock:
    """Time that passes only while someone waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Read:
    """A read with these outcomes in turn, the last for ever."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self._outcomes = outcomes
        self.tried = 0

    async def __call__(self) -> str:
        outcome = self._outcomes[min(self.tried, len(self._outcomes) - 1)]
        self.tried += 1
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def policy(clock: Clock, deadline_seconds: float = 60.0):
    return read_retry(deadline_seconds, clock=clock, sleep=clock.sleep)


def as_rpc_error(error: MeshError) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata(*to_trailers(error))
    return grpc.aio.AioRpcError(error.code, grpc.aio.Metadata(), trailers, error.message)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_read_succeeds_once_the_server_is_back(clock):
    read = Read(unavailable("away", 0.0), as_rpc_error(unavailable("away", 0.0)), "answer")
    assert await policy(clock)(read) == "answer"
    assert read.tried == 3
    assert len(clock.waits) == 2
    assert 0.1 <= clock.waits[0] <= 0.2 <= clock.waits[1] <= 0.3


async def test_the_server_says_how_long_to_wait(clock):
    read = Read(quota_exceeded("reads", "too many", 7.5), "answer")
    assert await policy(clock)(read) == "answer"
    assert clock.waits == [7.5]


@pytest.mark.parametrize(
    "error",
    [
        invalid_argument("a", "b"),
        MeshError(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large"),
        MeshError(grpc.StatusCode.INTERNAL, ""),
        ValueError("no status at all"),
    ],
)
async def test_what_would_fail_again_is_not_tried_again(clock, error):
    read = Read(error)
    with pytest.raises(type(error)) as caught:
        await policy(clock)(read)
    assert caught.value is error
    assert (read.tried, clock.waits) == (1, [])
    assert not is_retryable(error)


@given(deadline_seconds=st.floats(0.01, 100), asked=st.floats(0, 20))
async def test_no_wait_ends_after_the_deadline(deadline_seconds, asked):
    clock = Clock()
    start = clock.now
    read = Read(unavailable("away", asked))
    with pytest.raises(MeshError):
        await policy(clock, deadline_seconds)(read)
    assert clock.now - start < deadline_seconds
    assert len(clock.waits) == read.tried - 1
    longest = max(asked, LONGEST_WAIT_SECONDS + JITTER_SECONDS)
    assert all(asked - 1e-6 <= wait <= longest + 1e-6 for wait in clock.waits)


async def test_a_wait_longer_than_the_deadline_is_not_begun(clock):
    read = Read(unavailable("away for long", 61.0))
    with pytest.raises(MeshError, match="away for long"):
        await policy(clock)(read)
    assert (read.tried, clock.waits) == (1, [])


async def test_a_long_deadline_is_used_to_its_end_and_sparingly(clock):
    start, read = clock.now, Read(unavailable("away", 0.0))
    with pytest.raises(MeshError):
        await policy(clock, 600.0)(read)
    assert 600.0 - (LONGEST_WAIT_SECONDS + JITTER_SECONDS) <= clock.now - start < 600.0
    assert read.tried < 600.0 / LONGEST_WAIT_SECONDS + 10
