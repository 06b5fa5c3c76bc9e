"""A server span around each stream, however long it lives, and the unary calls worth one. All are counted."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import grpc
from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanContext, SpanKind

from mesh.interceptors.conventions import SERVER_FAULTS, call_attributes, is_traced, record_status, span_name
from mesh.interceptors.handlers import (
    Behaviour,
    Context,
    Handler,
    HandlerInterceptor,
    behaviour_of,
    with_behaviour,
)
from mesh.methods import method_name
from mesh.telemetry.calls import streams, unary_calls
from mesh.telemetry.sampling import CallSampler

TRACER: Final = trace.get_tracer(__name__)
_STATUS_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}
Ended = Callable[[str, float, SpanContext | None], None]
"""Told of the status, the seconds and the span of a call."""
_CARRIERS = propagate.get_global_textmap().fields


class TracingInterceptor(HandlerInterceptor):
    """Continues the trace that the caller's metadata carries, or starts one.

    A span costs more than all else that is done around a unary call. So only those with a traced caller, and
    some of the others, have one from the start; the failed and the late get theirs afterwards.
    """

    def __init__(self, sampler: CallSampler) -> None:
        super().__init__()
        self._sampler = sampler

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Trace the handler."""
        if not is_traced(method):
            return handler
        behaviour = behaviour_of(handler)
        if handler.request_streaming or handler.response_streaming:
            return with_behaviour(handler, _stream(behaviour, method))
        return with_behaviour(handler, _unary(behaviour, method, self._sampler))


def _stream(behaviour: Behaviour, method: str) -> Behaviour:
    counted = streams(method_name(method))
    traced = _traced(behaviour, method, lambda status, _seconds, _span: counted.end(status))

    async def stream(request: Any, context: Context) -> Any:
        counted.started += 1
        return await traced(request, context)

    return stream


def _unary(behaviour: Behaviour, method: str, sampler: CallSampler) -> Behaviour:
    ended = unary_calls(method_name(method)).ended
    traced, untraced = _traced(behaviour, method, ended), _untraced(behaviour, method, sampler, ended)

    async def unary(request: Any, context: Context) -> Any:
        if _is_carried(context) or sampler.wants():
            return await traced(request, context)
        return await untraced(request, context)

    return unary


def _traced(behaviour: Behaviour, method: str, ended: Ended) -> Behaviour:
    name, attributes = span_name(method), call_attributes(method)

    async def traced(request: Any, context: Context) -> Any:
        began = time.perf_counter()
        parent = propagate.extract(_text_metadata(context))
        span = TRACER.start_span(name, parent, SpanKind.SERVER, attributes)
        token = contexts.attach(trace.set_span_in_context(span, parent))
        try:
            return await behaviour(request, context)
        except asyncio.CancelledError:
            context.set_code(grpc.StatusCode.CANCELLED)
            raise
        finally:
            code = _code(context)
            _end(span, code)
            ended(code.name, time.perf_counter() - began, span.get_span_context())
            contexts.detach(token)

    return traced


def _untraced(behaviour: Behaviour, method: str, sampler: CallSampler, ended: Ended) -> Behaviour:
    """Of the calls that have no span, the failed and the late get one afterwards."""
    name, attributes = span_name(method), call_attributes(method)

    def trace_afterwards(seconds: float, code: grpc.StatusCode) -> SpanContext:
        began_ns = time.time_ns() - round(seconds * 1e9)
        span = TRACER.start_span(name, None, SpanKind.SERVER, attributes, start_time=began_ns)
        _end(span, code)
        return span.get_span_context()

    async def untraced(request: Any, context: Context) -> Any:
        began = time.perf_counter()
        try:
            return await behaviour(request, context)
        except asyncio.CancelledError:
            context.set_code(grpc.StatusCode.CANCELLED)
            raise
        finally:
            seconds, code = time.perf_counter() - began, _code(context)
            is_worth_it = sampler.is_late(seconds) or code in SERVER_FAULTS
            ended(code.name, seconds, trace_afterwards(seconds, code) if is_worth_it else None)

    return untraced


def _end(span: Span, code: grpc.StatusCode) -> None:
    record_status(span, code, is_error=code in SERVER_FAULTS)
    span.end()


def _code(context: Context) -> grpc.StatusCode:
    code: Any = context.code()  # grpc.aio gives a number or None where its types promise a StatusCode
    return code if isinstance(code, grpc.StatusCode) else _STATUS_BY_NUMBER[code or 0]


def _is_carried(context: Context) -> bool:
    return any(key in _CARRIERS for key, _ in context.invocation_metadata() or ())


def _text_metadata(context: Context) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
