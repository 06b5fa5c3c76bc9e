"""Calls of a channel pass the circuit of their method; what changes orders, and health, always goes."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import grpc

from mesh.admission.priorities import DEFAULT_PRIORITIES, Priority
from mesh.errors import MeshError, to_trailers, unavailable
from mesh.interceptors.client_calls import Proceed, for_every_kind, method_of, status_of_done
from mesh.interceptors.conventions import SERVER_FAULTS
from mesh.methods import is_infrastructure, method_name
from mesh.resilience.circuit_breaker import CircuitBreaker
from mesh.resilience.circuits import Circuits
from mesh.telemetry.refusals import CIRCUIT_OPENED, CIRCUIT_REFUSED

FAILURES: Final = SERVER_FAULTS - {grpc.StatusCode.UNIMPLEMENTED}
# What grpc.aio reports, before the status that the server sent, of a request written to a call that was over.
_WRITE_FAILED: Final = (grpc.StatusCode.INTERNAL, "Internal error from Core")
_STREAMS: Final = (grpc.aio.UnaryStreamCall, grpc.aio.StreamStreamCall)


def circuit_interceptors(
    circuits: Circuits, clock: Callable[[], float] = time.monotonic
) -> list[grpc.aio.ClientInterceptor]:
    """Refuse with UNAVAILABLE and RetryInfo while the circuit of a method is open, without sending anything.

    A unary call fails by its status, a stream only where it ends so before its first message.
    """

    async def intercept(proceed: Proceed, details: grpc.aio.ClientCallDetails, request: Any) -> Any:
        name = method_name(method_of(details))
        if is_infrastructure(name) or DEFAULT_PRIORITIES[name] is Priority.CRITICAL:
            return await proceed(details, request)
        breaker = circuits.of(name)
        CIRCUIT_OPENED.add(name)
        CIRCUIT_REFUSED.add(name)
        wait = breaker.acquire(clock())
        if wait > 0:
            CIRCUIT_REFUSED[name] += 1
            raise _as_rpc_error(unavailable(_why(name, breaker), wait))
        attempt = _Attempt(name, breaker, clock)
        try:
            call = await proceed(details, request)
        except BaseException:  # cancelled before the call began
            attempt.abandon()
            raise
        call.add_done_callback(attempt.end)
        return _Opening(call, attempt.succeed) if isinstance(call, _STREAMS) else call

    return for_every_kind(intercept)


def _why(name: str, breaker: CircuitBreaker) -> str:
    return f"not sent, the circuit of {name} is {breaker.state.value} after: {breaker.last_failure}"


def _as_rpc_error(error: MeshError) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata(*to_trailers(error))
    return grpc.aio.AioRpcError(error.code, grpc.aio.Metadata(), trailers, error.message)


class _Attempt:
    """A call that was sent; tells the circuit about its outcome once."""

    def __init__(self, name: str, breaker: CircuitBreaker, clock: Callable[[], float]) -> None:
        self._name = name
        self._breaker = breaker
        self._clock = clock
        self._generation = breaker.generation
        self._settled = False

    def succeed(self) -> None:
        if not self._settled:
            self._settled = True
            self._breaker.succeed(self._generation, self._clock())

    def abandon(self) -> None:
        if not self._settled:
            self._settled = True
            self._breaker.abandon(self._generation)

    def end(self, call: grpc.aio.Call) -> None:
        code, text = status_of_done(call)
        if code is grpc.StatusCode.CANCELLED or (code, text) == _WRITE_FAILED:
            self.abandon()
        elif code in FAILURES:
            self._fail(f"{code.name}: {text}")
        else:
            self.succeed()

    def _fail(self, reason: str) -> None:
        if self._settled:
            return
        self._settled = True
        opened = self._breaker.times_opened
        self._breaker.fail(self._generation, self._clock(), reason)
        if self._breaker.times_opened > opened:
            CIRCUIT_OPENED[self._name] += 1


class _Opening:
    """The messages of a stream; the first one shows that it was opened."""

    def __init__(self, call: Any, opened: Callable[[], None]) -> None:
        self._messages: AsyncIterator[Any] = aiter(call)
        self._opened = opened

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        message = await anext(self._messages)
        self._opened()
        return message
