"""Frames: a 4-byte big-endian length, then UTF-8 fields, each ending in NUL."""

import struct
from collections.abc import Iterator

MAX_FRAME = 0xFFFFFF
API_PREFIX = b"API\0"
_LENGTH = struct.Struct(">I")

Field = str | int | float | bool | None


class FramingError(ValueError):
    """The peer sent bytes that are no frame of this protocol."""


def text(value: Field) -> str:
    """A field as the gateway writes it: booleans as 0 and 1, whole floats without an exponent, None empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def frame(payload: bytes) -> bytes:
    """Length prefix and payload."""
    return _LENGTH.pack(len(payload)) + payload


def message(*fields: Field) -> bytes:
    """One framed message of NUL-terminated fields."""
    return frame("".join(f"{text(field)}\0" for field in fields).encode())


class FrameReader:
    """Cuts a byte stream into frames; holds at most one incomplete frame. The gateway's has no prefix."""

    def __init__(self, *, prefixed: bool = True) -> None:
        self._buffer = bytearray()
        self._prefixed = not prefixed

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the payload of every frame that ``data`` completes.

        Raises:
            FramingError: the stream does not open with ``API`` or a frame exceeds ``MAX_FRAME`` bytes.
        """
        self._buffer += data
        if not self._prefixed:
            if len(self._buffer) < len(API_PREFIX):
                return
            if self._buffer[: len(API_PREFIX)] != API_PREFIX:
                raise FramingError("the client did not open with API")
            del self._buffer[: len(API_PREFIX)]
            self._prefixed = True
        position = 0
        try:
            while len(self._buffer) - position >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._buffer, position)
                if length > MAX_FRAME:
                    raise FramingError(f"a frame of {length} bytes")
                end = position + _LENGTH.size + length
                if len(self._buffer) < end:
                    break
                payload = bytes(self._buffer[position + _LENGTH.size : end])
                position = end
                yield payload
        finally:
            del self._buffer[:position]


def split_fields(payload: bytes) -> list[str]:
    """Fields of one payload; undecodable bytes are kept visible rather than refused."""
    fields = payload.decode(errors="backslashreplace").split("\0")
    if fields[-1] == "":
        fields.pop()
    return fields
