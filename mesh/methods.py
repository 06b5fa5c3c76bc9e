"""Settings per method, as text: `package.Service/Method=value`, `package.Service/*=value`, `*=value`."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

INFRASTRUCTURE: Final = ("grpc.health.", "grpc.reflection.")
_PATTERN: Final = re.compile(r"\*|[A-Za-z_][\w.]*/(?:\*|\w+)")


def method_name(path: str) -> str:
    """`package.Service/Method` of gRPC's `/package.Service/Method`."""
    return path.removeprefix("/")


def is_infrastructure(method: str) -> bool:
    """Whether the method belongs to health or reflection, which nothing limits."""
    return method_name(method).startswith(INFRASTRUCTURE)


class MethodTable(Generic[Value]):
    """A value for every method: its own, else its service's, else that of `*`."""

    def __init__(self, entries: Mapping[str, Value]) -> None:
        """Look methods up in `entries`, by pattern; `*` must be among them."""
        self._entries = dict(entries)
        self._rest = self._entries["*"]

    def __repr__(self) -> str:
        return f"MethodTable({', '.join(f'{pattern}={value}' for pattern, value in self._entries.items())})"

    def __getitem__(self, method: str) -> Value:
        name = method_name(method)
        service = name.partition("/")[0]
        return self._entries.get(name, self._entries.get(f"{service}/*", self._rest))

    @property
    def patterns(self) -> list[str]:
        """What it has an entry for."""
        return list(self._entries)

    def overlaid(self, text: str, parse: Callable[[str], Value]) -> "MethodTable[Value]":
        """This table with the entries of `text` over its own, separated by commas.

        Raises:
            ValueError: An entry that cannot be read, which the message quotes.
        """
        entries: dict[str, Value] = {}
        for entry in filter(None, (each.strip() for each in text.split(","))):
            pattern, value = _parse(entry, parse)
            if pattern in entries:
                raise ValueError(f"{entry!r}: {pattern} is given twice")
            entries[pattern] = value
        return MethodTable({**self._entries, **entries})


def _parse(entry: str, parse: Callable[[str], Value]) -> tuple[str, Value]:
    pattern, equals, value = (part.strip() for part in entry.partition("="))
    if not equals:
        raise ValueError(f"{entry!r}: must be a method, '=' and a value")
    if not _PATTERN.fullmatch(pattern):
        raise ValueError(f"{entry!r}: {pattern!r} is not package.Service/Method, package.Service/* or *")
    try:
        return pattern, parse(value)
    except ValueError as error:
        raise ValueError(f"{entry!r}: {error}") from None
