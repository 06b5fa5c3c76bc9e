"""A server span around each stream, however long it lives, and around the unary calls that are worth one."""

import asyncio
import time
from typing import Any, Final

import grpc
from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from mesh.interceptors.conventions import SERVER_FAULTS, call_attributes, is_traced, record_status, span_name
from mesh.interceptors.handlers import (
    Behaviour,
    Context,
    Handler,
    HandlerInterceptor,
    behaviour_of,
    with_behaviour,
)
from mesh.telemetry.sampling import CallSampler

TRACER: Final = trace.get_tracer(__name__)
_STATUS_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}
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
        traced = _traced(behaviour_of(handler), method)
        if handler.request_streaming or handler.response_streaming:
            return with_behaviour(handler, traced)
        return with_behaviour(handler, _sampled(behaviour_of(handler), traced, method, self._sampler))


def _traced(behaviour: Behaviour, method: str) -> Behaviour:
    name, attributes = span_name(method), call_attributes(method)

    async def traced(request: Any, context: Context) -> Any:
        parent = propagate.extract(_text_metadata(context))
        span = TRACER.start_span(name, parent, SpanKind.SERVER, attributes)
        token = contexts.attach(trace.set_span_in_context(span, parent))
        try:
            return await behaviour(request, context)
        except asyncio.CancelledError:
            context.set_code(grpc.StatusCode.CANCELLED)
            raise
        finally:
            _end(span, context)
            contexts.detach(token)

    return traced


def _sampled(behaviour: Behaviour, traced: Behaviour, method: str, sampler: CallSampler) -> Behaviour:
    name, attributes = span_name(method), call_attributes(method)

    async def sampled(request: Any, context: Context) -> Any:
        if _is_carried(context) or sampler.wants():
            return await traced(request, context)
        began_ns = time.time_ns()
        try:
            return await behaviour(request, context)
        except asyncio.CancelledError:
            context.set_code(grpc.StatusCode.CANCELLED)
            raise
        finally:
            if sampler.is_late((time.time_ns() - began_ns) / 1e9) or _code(context) in SERVER_FAULTS:
                _end(TRACER.start_span(name, None, SpanKind.SERVER, attributes, start_time=began_ns), context)

    return sampled


def _end(span: Span, context: Context) -> None:
    code = _code(context)
    record_status(span, code, is_error=code in SERVER_FAULTS)
    span.end()


def _code(context: Context) -> grpc.StatusCode:
    code: Any = context.code()  # grpc.aio gives a number or None where its types promise a StatusCode
    return code if isinstance(code, grpc.StatusCode) else _STATUS_BY_NUMBER[code or 0]


def _is_carried(context: Context) -> bool:
    return any(key in _CARRIERS for key, _ in context.invocation_metadata() or ())


def _text_metadata(context: Context) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
