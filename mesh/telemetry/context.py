"""A span's context in 25 bytes, for the headers of batches, as a stream has one set of metadata for them all.

Layout: trace id (16 bytes, big endian), span id (8 bytes, big endian), flags (1 byte, bit 0 = sampled): the
fields of https://www.w3.org/TR/trace-context/ without their text form.
"""

from typing import Final

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext, TraceFlags

CONTEXT_BYTES: Final = 25


def pack_context(context: SpanContext) -> bytes:
    """25 bytes; none for a context that is invalid or not sampled, which nobody could continue."""
    if not (context.is_valid and context.trace_flags.sampled):
        return b""
    return context.trace_id.to_bytes(16) + context.span_id.to_bytes(8) + bytes([context.trace_flags])


def unpack_context(packed: bytes) -> SpanContext:
    """The context, marked as remote; the invalid context for anything but 25 bytes with non-zero ids."""
    if len(packed) != CONTEXT_BYTES:
        return INVALID_SPAN_CONTEXT
    context = SpanContext(
        trace_id=int.from_bytes(packed[:16]),
        span_id=int.from_bytes(packed[16:24]),
        is_remote=True,
        trace_flags=TraceFlags(packed[24] & TraceFlags.SAMPLED),
    )
    return context if context.is_valid else INVALID_SPAN_CONTEXT
