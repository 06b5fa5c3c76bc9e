"""Counts that cost an integer addition where things happen, and are read only when an exporter asks."""

from collections.abc import Iterator


class Counts:
    """Plain integers by label value: `counts["sent"] += 1`, with no lock and no call into the SDK.

    Belongs to one event loop; an exporter's thread only reads.
    """

    def __init__(self, *values: str) -> None:
        """Count these from zero."""
        self._counts = dict.fromkeys(values, 0)

    def __repr__(self) -> str:
        return f"Counts({self._counts})"

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __getitem__(self, value: str) -> int:
        return self._counts[value]

    def __setitem__(self, value: str, count: int) -> None:
        if value not in self._counts:
            raise KeyError(value)
        self._counts[value] = count

    def add(self, value: str) -> None:
        """Count another from zero, unless it is counted already; the caller bounds them, as methods do."""
        if value not in self._counts:
            self._counts = {**self._counts, value: 0}  # a new dict: an exporter may be reading the old one
