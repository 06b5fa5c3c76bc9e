"""A server span around each call: one per unary call, one per stream however long it lives."""

import asyncio
from typing import Any, Final

import grpc
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from mesh.interceptors.conventions import SERVER_FAULTS, call_attributes, is_traced, record_status, span_name
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour

TRACER: Final = trace.get_tracer(__name__)
_STATUS_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}


class TracingInterceptor(HandlerInterceptor):
    """Continues the trace that the caller's metadata carries, or starts one."""

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Trace the handler."""
        if not is_traced(method):
            return handler
        behaviour = behaviour_of(handler)
        name, attributes = span_name(method), call_attributes(method)

        async def traced(request: Any, context: Context) -> Any:
            with TRACER.start_as_current_span(
                name,
                context=propagate.extract(_text_metadata(context)),
                kind=SpanKind.SERVER,
                attributes=attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    return await behaviour(request, context)
                except asyncio.CancelledError:
                    context.set_code(grpc.StatusCode.CANCELLED)
                    raise
                finally:
                    _record(span, context)

        return with_behaviour(handler, traced)


def _record(span: Span, context: Context) -> None:
    code = _code(context)
    record_status(span, code, is_error=code in SERVER_FAULTS)


def _code(context: Context) -> grpc.StatusCode:
    code: Any = context.code()  # grpc.aio gives a number or None where its types promise a StatusCode
    return code if isinstance(code, grpc.StatusCode) else _STATUS_BY_NUMBER[code or 0]


def _text_metadata(context: Context) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
