"""Exceptions become statuses: ours with their details, all others without a word about the inside."""

import asyncio
from typing import Any
from uuid import uuid4

import grpc
from google.rpc.error_details_pb2 import RequestInfo
from opentelemetry import trace

from mesh.errors import MeshError, to_trailers
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.logging import get_logger

log = get_logger(__name__)


class ErrorsInterceptor(HandlerInterceptor):
    """Turns a raised `MeshError` into its status and any other exception into INTERNAL with a request id.

    The exception itself goes to the log under the same id. Cancellation, and an `abort` by the handler, pass;
    a write that fails because the client has left counts as cancellation.
    """

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Guard the handler."""
        behaviour = behaviour_of(handler)

        async def guarded(request: Any, context: Context) -> Any:
            try:
                return await behaviour(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:
                if _is_departure(error):
                    raise asyncio.CancelledError from error
                known = _refusal(error) or _internal(error, method)
            return await context.abort(known.code, known.message, to_trailers(known))

        return with_behaviour(handler, guarded)


def _is_departure(error: BaseException) -> bool:
    """Whether grpc could not write: it finds out that a client has left before it cancels the handler."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_departure(each) for each in error.exceptions)
    return isinstance(error, grpc.aio.InternalError)


def _refusal(error: BaseException) -> MeshError | None:
    """The `MeshError` raised, also where a task group wraps it; None if it is anything else."""
    if isinstance(error, BaseExceptionGroup):
        refusals = [_refusal(each) for each in error.exceptions]
        return refusals[0] if None not in refusals else None
    return error if isinstance(error, MeshError) else None


def _internal(error: Exception, method: str) -> MeshError:
    request_id = _request_id()
    log.error("handler failed", method=method, request_id=request_id, exc_info=error)
    return MeshError(grpc.StatusCode.INTERNAL, "", RequestInfo(request_id=request_id))


def _request_id() -> str:
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else uuid4().hex
