"""Messages as bytes, valid or not, made by what their descriptors say."""

from collections.abc import Iterator
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from mesh.wire import varint

UNKNOWN_FIELD: Final = 1000
Way = tuple[FieldDescriptor, ...]


def fields_of(kind: Descriptor, *types: int, prefix: str = "") -> Iterator[tuple[str, Way]]:
    """Paths of fields of some types, with the fields on the way."""
    for field in kind.fields:
        name = f"{prefix}{field.name}[0]" if field.is_repeated else prefix + field.name
        if field.type in types:
            yield name, (field,)
        elif field.message_type is not None:
            for deeper, way in fields_of(field.message_type, *types, prefix=f"{name}."):
                yield deeper, (field, *way)


def encoded(way: Way, value: bytes) -> bytes:
    """A message that holds nothing but a length-delimited value at the end of a way."""
    for field in reversed(way):
        value = varint(field.number << 3 | 2) + varint(len(value)) + value
    return value


def filler(size: int) -> bytes:
    """An unknown field, which every message may have."""
    return varint(UNKNOWN_FIELD << 3 | 2) + varint(size) + bytes(size)


def groups(depth: int) -> bytes:
    """Unknown groups in one another."""
    return varint(UNKNOWN_FIELD << 3 | 3) * depth + varint(UNKNOWN_FIELD << 3 | 4) * depth


def put(message: Message, way: Way, value: object) -> Message:
    """Set the field at the end of a way, on the first of what is repeated."""
    at = message
    for field in way[:-1]:
        child = getattr(at, field.name)
        if field.is_repeated:
            at = child[0] if child else child.add()
        else:
            child.SetInParent()
            at = child
    setattr(at, way[-1].name, value)
    return message
