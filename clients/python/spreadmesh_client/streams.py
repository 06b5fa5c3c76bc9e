"""Streams that outlive their connection: what breaks is opened anew, what is left is cancelled."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, cast

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat

from mesh.errors import MeshError, from_rpc_error
from mesh.retry import is_retryable
from spreadmesh_client.sending import Requests

Request = TypeVar("Request")
Response = TypeVar("Response")

# A stream that broke sooner is not opened anew at once: a server that fails each stream must not be hammered.
SHORTEST_LIFE_SECONDS: Final = 1.0
FIRST_WAIT_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 2.0
# What grpc.aio says in place of the server's status when a write was under way as the call ended.
LOST_STATUS: Final = "Internal error from Core"
# A token may have been exchanged for a new one while the stream was open; the next call shows it.
EXPIRED: Final = "JWT_EXPIRED"


@dataclass(frozen=True)
class StreamLimits:
    """How long a stream waits for its server."""

    silence_seconds: float = 30.0
    """Nothing for so long, not even a heartbeat: the connection counts as broken."""
    patience_seconds: float = 60.0
    """How long a broken stream is tried again before its error is raised."""
    timeout_seconds: float | None = None
    """Deadline of the whole stream; None for none."""


DEFAULT_LIMITS: Final = StreamLimits()


def reopening_wait(failures: int) -> float:
    """Seconds to the next attempt: doubling, with jitter, but never long, for a program waits."""
    ceiling = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(failures, 10))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


class ReopeningStream(Generic[Request, Response]):
    """Reads one stream, over as many calls as it takes.

    One task reads; any task may write. Nothing is sent before the first read.
    """

    def __init__(
        self,
        start: Callable[[Requests[Request], float | None], Any],
        greet: Callable[[], Iterable[Request]],
        limits: StreamLimits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare; `start` begins a call with a timeout, `greet` gives the first messages of each call."""
        self._start = start
        self._greet = greet
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._ends_at = None if limits.timeout_seconds is None else clock() + limits.timeout_seconds
        self._call: Any = None
        self._requests: Requests[Request] | None = None
        self._opened_at: float | None = None
        self._heard_at = clock()
        self.calls = 0
        """Calls begun so far: more than one means that the stream was opened anew."""

    def __repr__(self) -> str:
        return f"<ReopeningStream {'open' if self._call else 'closed'} calls={self.calls}>"

    async def read(self) -> Response | None:
        """The next message; None, once, where the call has broken, and the next read opens another.

        Cancelling it breaks the call.

        Raises:
            MeshError: An error that a retry won't cure, or UNAVAILABLE for longer than the patience.
        """
        if self._call is not None:
            try:
                return await self._next()
            except MeshError as error:
                self.drop()
                if not (is_retryable(error) or error.reason == EXPIRED):
                    raise
                return None
        if self._opened_at is not None and self._clock() - self._opened_at < SHORTEST_LIFE_SECONDS:
            await self._sleep(SHORTEST_LIFE_SECONDS)
        return await self._reopened(self._clock() + self._limits.patience_seconds)

    async def _reopened(self, deadline: float) -> Response:
        for failures in count():
            self.drop()
            self._open()
            try:
                return await self._next()
            except MeshError as error:
                wait = max(reopening_wait(failures), error.retry_after_seconds or 0.0)
                if not is_retryable(error) or self._clock() + wait >= deadline:
                    raise
            await self._sleep(wait)
        raise AssertionError("the loop either returns or raises")

    @property
    def loss(self) -> Heartbeat:
        """What a program is told when the call breaks: all that it has is stale until it hears more."""
        beat = Heartbeat(stale=True)
        beat.silence.FromMilliseconds(round(1000 * (self._clock() - self._heard_at)))
        return beat

    async def write(self, request: Request) -> None:
        """Send on the open call. Where there is none, the greeting of the next one must say the same."""
        if self._requests is not None:
            with suppress(MeshError):  # the next read meets the same error and decides
                await self._within(self._requests.put(request))

    def drop(self) -> None:
        """End the call; the next read opens another."""
        if self._call is not None and self._requests is not None:
            self._call.cancel()
            self._requests.close()
            self._call = self._requests = None

    def renew(self) -> None:
        """End the call; the next read opens another without a pause, as one that asks for something else."""
        self.drop()
        self._opened_at = None

    def _open(self) -> None:
        left = None if self._ends_at is None else self._ends_at - self._clock()
        self._requests = Requests(self._greet())
        self._call = self._start(self._requests, left)
        self.calls += 1
        self._opened_at = self._clock()

    async def _next(self) -> Response:
        message = await self._within(self._call.read())
        if message is grpc.aio.EOF:
            raise MeshError(grpc.StatusCode.UNAVAILABLE, "the server ended the stream")
        self._heard_at = self._clock()
        return cast("Response", message)

    async def _within(self, awaitable: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self._limits.silence_seconds):
                return await awaitable
        except grpc.RpcError as error:
            raise _with_status(from_rpc_error(error)) from None
        except TimeoutError:
            seconds = self._limits.silence_seconds
            raise MeshError(grpc.StatusCode.UNAVAILABLE, f"no message for {seconds:g} s") from None


class Stream:
    """What is read by `async with` and `async for`; leaving the block ends the call."""

    _stream: ReopeningStream[Any, Any]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.drop()

    def __aiter__(self) -> Self:
        return self

    @property
    def calls(self) -> int:
        """Calls begun so far: more than one means that the stream was opened anew."""
        return self._stream.calls


def _with_status(error: MeshError) -> MeshError:
    if error.code is grpc.StatusCode.INTERNAL and error.message.startswith(LOST_STATUS):
        return MeshError(grpc.StatusCode.UNAVAILABLE, "the stream ended while a request was being sent")
    return error
