"""A canvas of characters with eight dots each, for curves in a terminal."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

_BLANK: Final = 0x2800
# The bit of each dot in Unicode's braille patterns, by row and column within a character.
_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class Canvas:
    """Dots over guides, with marks over both. Dot (0, 0) is at the top left."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._dots: dict[tuple[int, int], tuple[int, str]] = {}
        self._guides: dict[tuple[int, int], tuple[str, str]] = {}
        self._marks: dict[tuple[int, int], tuple[str, str]] = {}

    @property
    def dot_columns(self) -> int:
        """Dots across."""
        return 2 * self.columns

    @property
    def dot_rows(self) -> int:
        """Dots from top to bottom."""
        return 4 * self.rows

    def dot(self, x: int, y: int, style: str) -> None:
        """Set a dot; its character takes the style."""
        cell = x // 2, y // 4
        bits, _ = self._dots.get(cell, (0, ""))
        self._dots[cell] = bits | _BITS[y % 4][x % 2], style

    def line(self, heights: Sequence[int], styles: Sequence[str]) -> None:
        """A curve without gaps, by the height and style of each dot column from the left."""
        before = heights[0]
        for x, (y, style) in enumerate(zip(heights, styles, strict=True)):
            step = 1 if y >= before else -1
            for each in range(before + step if before != y else y, y + step, step):
                self.dot(x, each, style)
            before = y

    def guide(self, column: int, row: int, character: str, style: str) -> None:
        """A character behind the dots."""
        self._guides[column, row] = character, style

    def mark(self, column: int, row: int, character: str, style: str) -> None:
        """A character before the dots."""
        self._marks[column, row] = character, style

    def row(self, row: int) -> Text:
        """One line of it."""
        line = Text(no_wrap=True)
        for column in range(self.columns):
            character, style = self._cell(column, row)
            line.append(character, style)
        return line

    def _cell(self, column: int, row: int) -> tuple[str, str]:
        if (column, row) in self._marks:
            return self._marks[column, row]
        if (column, row) in self._dots:
            bits, style = self._dots[column, row]
            return chr(_BLANK + bits), style
        return self._guides.get((column, row), (" ", ""))
