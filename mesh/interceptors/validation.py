"""Values no request may hold, in any field of any message: control characters in text and non-finite numbers.

Control characters matter because the wire format towards the broker separates fields by NUL: a string with
one inside would be read there as several fields. NaN compares false with every limit, and so passes all.
"""

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from mesh.errors import invalid_arguments

MOST_REPORTED = 10
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FLOATS = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)
_MESSAGES = (FieldDescriptor.TYPE_MESSAGE, FieldDescriptor.TYPE_GROUP)

Violation = tuple[str, str]
Walk = Callable[[str, Any], Iterator[Violation]]


def check_values(message: Message) -> None:
    """Refuse a message that holds a control character (U+0000-1F, U+007F-9F), a NaN or an infinity anywhere.

    Raises:
        MeshError: INVALID_ARGUMENT naming the path of each such field, as `legs[2].symbol`; the first ten.
    """
    found = [violation for violation, _ in zip(_in_message("", message), range(MOST_REPORTED), strict=False)]
    if found:
        raise invalid_arguments(found)


def _in_message(path: str, message: Message) -> Iterator[Violation]:
    walks = _walks(message.DESCRIPTOR)
    if not walks:
        return
    for field, value in message.ListFields():
        walk = walks.get(field.number)
        if walk is not None:
            yield from walk(f"{path}.{field.name}" if path else field.name, value)


@cache
def _walks(descriptor: Descriptor) -> dict[int, Walk]:
    """How to look into each field, by number; fields that can hold nothing wrong are left out."""
    walks = {field.number: _field_walk(field) for field in descriptor.fields}
    return {number: walk for number, walk in walks.items() if walk is not None}


def _field_walk(field: FieldDescriptor) -> Walk | None:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return _map_walk(entry)
    one = _value_walk(field)
    if one is None or not field.is_repeated:
        return one

    def each(path: str, values: Any) -> Iterator[Violation]:
        for index, value in enumerate(values):
            yield from one(f"{path}[{index}]", value)

    return each


def _map_walk(entry: Descriptor) -> Walk:
    value_walk = _value_walk(entry.fields_by_name["value"])

    def pairs(path: str, values: Any) -> Iterator[Violation]:
        for key, value in values.items():
            if isinstance(key, str) and _CONTROL.search(key):
                yield f"{path}[{key!a}]", "the key contains a control character"
            if value_walk is not None:
                yield from value_walk(f"{path}[{key!a}]", value)

    return pairs


def _value_walk(field: FieldDescriptor) -> Walk | None:
    if field.type in _MESSAGES:
        return _in_message
    if field.type in _FLOATS:
        return _in_number
    return _in_text if field.type == FieldDescriptor.TYPE_STRING else None


def _in_text(path: str, text: str) -> Iterator[Violation]:
    control = _CONTROL.search(text)
    if control:
        yield path, f"contains the control character U+{ord(control[0]):04X} at position {control.start()}"


def _in_number(path: str, number: float) -> Iterator[Violation]:
    if not math.isfinite(number):
        yield path, f"must be a finite number, not {number}"
