"""A spec in words, one line for each thing that it says."""

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from spreadmesh.scan.v1.spec_pb2 import Range, ScanSpec


def spec_lines(spec: ScanSpec) -> list[str]:
    """What the spec gives, in the order and with the names of the contract."""
    return list(_lines(spec)) or ["nothing: all is left to the defaults"]


def _lines(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name == "figures":
            yield from (f"{bounds.figure} {_bounds(bounds.range)}" for bounds in value)
        elif isinstance(value, Range):
            yield f"{field.name} {_bounds(value)}"
        elif field.message_type is not None and field.name == "weights":
            given = ", ".join(f"{part.name} {weight:g}" for part, weight in value.ListFields())
            yield f"weights: {given}"
        elif field.message_type is not None:
            yield from _lines(value)
        elif field.is_repeated:
            yield f"{field.name}: {', '.join(value)}"
        elif field.type == FieldDescriptor.TYPE_BOOL:
            yield field.name
        else:
            yield f"{field.name} {value:g}" if isinstance(value, float) else f"{field.name} {value}"


def _bounds(bounds: Range) -> str:
    parts = [
        f"{sign} {getattr(bounds, side):g}"
        for side, sign in (("lower", "≥"), ("upper", "≤"))
        if bounds.HasField(side)  # type: ignore[arg-type]  # the stub wants a literal
    ]
    return " and ".join(parts) or "any"
