"""Reading the fields of a request in their order."""

from collections.abc import Sequence


class FieldError(ValueError):
    """A request has too few fields or one that cannot be read."""


class FieldReader:
    """Takes fields one after the other, as the gateway's own parser does."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._position = 0

    def string(self) -> str:
        """The next field as it is."""
        if self._position >= len(self._fields):
            raise FieldError(f"field {self._position + 1} is missing")
        value = self._fields[self._position]
        self._position += 1
        return value

    def integer(self) -> int:
        """The next field as an integer; empty reads as 0."""
        value = self.string()
        try:
            return int(value) if value else 0
        except ValueError:
            raise FieldError(f"field {self._position} is no integer: {value!r}") from None

    def number(self) -> float:
        """The next field as a float; empty reads as 0."""
        value = self.string()
        try:
            return float(value) if value else 0.0
        except ValueError:
            raise FieldError(f"field {self._position} is no number: {value!r}") from None

    def boolean(self) -> bool:
        """The next field as a truth value: 1, true or 0, false, empty."""
        value = self.string().lower()
        if value not in {"", "0", "1", "false", "true"}:
            raise FieldError(f"field {self._position} is no boolean: {value!r}")
        return value in {"1", "true"}

    def skip(self, count: int = 1) -> None:
        """Pass over ``count`` fields."""
        for _ in range(count):
            self.string()

    def remaining(self) -> Sequence[str]:
        """The fields that have not been read yet."""
        return self._fields[self._position :]

    @property
    def exhausted(self) -> bool:
        """Whether no field is left."""
        return self._position >= len(self._fields)
