"""Many double fields of one message at once, in wire form."""

import numpy as np
from google.protobuf.descriptor import Descriptor

from mesh.wire import WireType, tag
from scanner_server.columns import Flags, Floats

MOST_PATTERNS = 1024


class Doubles:
    """Some fields of a message, all of type double, whose values stand side by side in arrays.

    Setting field by field costs several times as much as what the message says.
    Source: https://protobuf.dev/programming-guides/encoding/#non-varint-numbers
    """

    def __init__(self, descriptor: Descriptor, names: tuple[str, ...]) -> None:
        """Of the fields `names`, in the order of the values."""
        tags = [tag(descriptor.fields_by_name[name], WireType.FIXED64) for name in names]
        fields = []
        for i, before in enumerate(tags):
            fields += [(f"tag{i}", f"V{len(before)}"), (f"value{i}", "<f8")]
        self._template = np.zeros((), np.dtype(fields))
        for i, before in enumerate(tags):
            self._template[f"tag{i}"] = np.void(before)
        self._ends = np.cumsum([0, *(len(before) + 8 for before in tags)]).tolist()
        self._present: dict[bytes, list[slice]] = {}

    def encoded(self, values: Floats) -> list[bytes]:
        """The fields of each row of `values` (shape (k, fields)); NaN leaves one out."""
        records = np.repeat(self._template, len(values))
        for i in range(values.shape[1]):
            records[f"value{i}"] = values[:, i]
        wire, size = records.tobytes(), records.itemsize
        absent = np.isnan(values)
        return [
            b"".join([wire[at * size : (at + 1) * size][piece] for piece in self._pieces(of)])
            for at, of in enumerate(absent)
        ]

    def _pieces(self, absent: Flags) -> list[slice]:
        """Where the fields that are present lie in a record, neighbours joined."""
        key = absent.tobytes()
        pieces = self._present.get(key)
        if pieces is None:
            edges = np.flatnonzero(np.diff(absent, prepend=True, append=True))
            pieces = [
                slice(self._ends[first], self._ends[end]) for first, end in edges.reshape(-1, 2).tolist()
            ]
            if len(self._present) < MOST_PATTERNS:
                self._present[key] = pieces
        return pieces
