"""Pieces of protobuf's wire format, for messages whose fields are written many at once.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from enum import IntEnum

from google.protobuf.descriptor import FieldDescriptor


class WireType(IntEnum):
    """How a field's bytes are delimited."""

    FIXED64 = 1
    LENGTH_DELIMITED = 2


def varint(value: int) -> bytes:
    """A number >= 0, seven bits a byte, the lowest first."""
    low = bytearray()
    while value > 0x7F:
        low.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(low) + bytes([value])


def tag(field: FieldDescriptor, wire_type: WireType) -> bytes:
    """What stands before a field's bytes."""
    return varint(field.number << 3 | wire_type)
