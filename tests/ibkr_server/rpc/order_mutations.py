"""Messages that differ from sound ones in any way: a source for fuzzers, the same for the same seed."""

import math
from collections.abc import Callable
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mesh.wire import varint
from tests.ibkr_server.rpc.order_samples import METHODS, sample
from tests.ibkr_server.rpc.raw_messages import Way, encoded, fields_of, filler, groups, put
from tests.ibkr_server.rpc.wrong_orders import SOUND_ORDERS, WRONG_ORDERS, Change
from tests.ibkr_server.rpc.wrong_requests import WRONG_REQUESTS

_INTEGERS: Final = {
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_ENUM: (-(2**31), 2**31 - 1),
}
_SCALARS: Final = (
    *_INTEGERS,
    FieldDescriptor.TYPE_STRING,
    FieldDescriptor.TYPE_DOUBLE,
    FieldDescriptor.TYPE_BOOL,
)
_NUMBERS: Final = (
    0,
    1,
    -1,
    2,
    3,
    7,
    99,
    1000,
    1001,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    -(2**31),
    -(2**63),
)
_DOUBLES: Final = (0.0, -0.0, 0.25, 5.0, 60.0, 61.0, 1.79e308, 5e-324, math.nan, math.inf, -math.inf)
_TEXTS: Final = (
    "",
    "a-1",
    "0",
    "-1.05",
    "1.050",
    "1e5",
    "NaN",
    "-Infinity",
    "9" * 24,
    "x" * 33,
    "x" * 70_000,
    "a\0b",
    "a\r\nb",
    "\u202e\u2028",
    "\N{PILE OF POO}" * 50,
    "%s%n{0}",
    "../../etc/passwd",
    "' OR 1=1 --",
    "after-0",
    "DU1",
    "\uffff",
)
_TAGS: Final = [number << 3 | kind for number in (*range(1, 16), 536_870_911) for kind in range(8)]


WEIGHTS: Final = {"PreviewOrder": 6, "PlaceOrder": 12, "ReplaceOrder": 6, "CancelOrder": 1, "Halt": 1}
"""Orders have the most to get wrong; once halted, or cancelled, there is less to find."""


class Mutations:
    """An endless source of calls: the name of an RPC, and bytes for it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._names = list(METHODS)
        self._fields = {name: list(fields_of(METHODS[name].input_type, *_SCALARS)) for name in METHODS}
        self._sound = {name: _sound(name) for name in METHODS}
        self._wrong = {name: _wrong(name) for name in METHODS}
        self._all = [data for name in METHODS for data in (*self._sound[name], *self._wrong[name])]
        self._weights = [WEIGHTS.get(name, 2) for name in self._names]
        self._kinds: list[Callable[[str, bytes], bytes]] = [
            self._renamed,
            self._flipped,
            self._cut,
            self._grown,
            self._spliced,
            self._of_another,
            self._extreme,
            self._extreme,
            self._tagged,
            self._random_bytes,
            self._nested,
        ]

    def next(self) -> tuple[str, bytes]:
        """One more."""
        name = self._random.choices(self._names, self._weights)[0]
        wrong = self._wrong[name] if self._random.random() < 0.3 else []
        data = self._random.choice(wrong or self._sound[name])
        if self._random.random() < 0.3:
            return name, self._renamed(name, data)
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            data = self._random.choice(self._kinds)(name, data)
        return name, data

    def _renamed(self, name: str, data: bytes) -> bytes:
        """Sound as it is, of an order that may be known or not."""
        number = METHODS[name].input_type.fields_by_name.get("client_order_id")
        text = f"a-{self._random.randint(1, 200)}".encode()
        return data if number is None else data + encoded((number,), text)

    def _flipped(self, _name: str, data: bytes) -> bytes:
        flipped = bytearray(data)
        for _ in range(self._random.randint(1, 4) if flipped else 0):
            flipped[self._random.randrange(len(flipped))] ^= 1 << self._random.randrange(8)
        return bytes(flipped)

    def _cut(self, _name: str, data: bytes) -> bytes:
        return data[: self._random.randint(0, len(data))]

    def _grown(self, _name: str, data: bytes) -> bytes:
        at = self._random.randint(0, len(data))
        return data[:at] + self._random.randbytes(self._random.randint(1, 8)) + data[at:]

    def _spliced(self, _name: str, data: bytes) -> bytes:
        other = self._random.choice(self._all)
        begin, end = sorted((self._random.randint(0, len(other)), self._random.randint(0, len(other))))
        at = self._random.randint(0, len(data))
        return data[:at] + other[begin:end] + data[at:]

    def _of_another(self, _name: str, data: bytes) -> bytes:
        return data + self._random.choice(self._all)

    def _extreme(self, name: str, _data: bytes) -> bytes:
        """A sound message with some fields at the ends of what they can hold."""
        message = sample(name)
        for _ in range(self._random.randint(1, 4)):
            if self._fields[name]:
                _, way = self._random.choice(self._fields[name])
                put(message, way, self._value(way))
        return message.SerializeToString()

    def _value(self, way: Way) -> object:
        field = way[-1]
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._random.choice(_TEXTS)
        if field.type == FieldDescriptor.TYPE_DOUBLE:
            return self._random.choice(_DOUBLES)
        if field.type == FieldDescriptor.TYPE_BOOL:
            return self._random.random() < 0.5
        least, most = _INTEGERS[field.type]
        return min(max(self._random.choice(_NUMBERS), least), most)

    def _tagged(self, _name: str, data: bytes) -> bytes:
        """A field of any number and wire type in front."""
        tag = varint(self._random.choice(_TAGS))
        return tag + varint(self._random.choice((0, 1, 2**7, 2**32, 2**64 - 1))) + data

    def _random_bytes(self, _name: str, _data: bytes) -> bytes:
        return self._random.randbytes(self._random.randint(0, 64))

    def _nested(self, _name: str, data: bytes) -> bytes:
        if self._random.random() < 0.02:
            return data + filler(self._random.choice((1 << 10, 1 << 18)))
        return data + groups(self._random.choice((1, 99, 100, 101, 300)))


def _sound(name: str) -> list[bytes]:
    """Messages that nothing is wrong with by themselves."""
    found = [sample(name)]
    if name in {"PreviewOrder", "PlaceOrder"}:
        found += [_with_order(name, change) for change in SOUND_ORDERS.values()]
    return [message.SerializeToString() for message in found]


def _wrong(name: str) -> list[bytes]:
    """Messages with values that no message may have."""
    found: list[Message] = []
    if name in {"PreviewOrder", "PlaceOrder"}:
        found += [_with_order(name, change) for change, _ in WRONG_ORDERS.values()]
    for rpc, _, change, _ in WRONG_REQUESTS:
        if rpc == name:
            found.append(sample(name))
            change(found[-1])
    return [message.SerializeToString() for message in found]


def _with_order(name: str, change: Change) -> Message:
    request: Any = sample(name)
    change(request.order)
    return request
