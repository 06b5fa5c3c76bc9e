"""Settings from environment variables, and one line for each that can't be used."""

import sys
from collections.abc import Callable
from typing import Any, Self, TypeVar

from pydantic import PlainValidator, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mesh.methods import MethodTable

Value = TypeVar("Value")


class SettingsError(Exception):
    """Environment variables that cannot be used; `lines` has one line per variable, without secrets."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class EnvironmentSettings(BaseSettings):
    """A set of environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: One or more variables are missing or invalid.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError([_line(cls, dict(item)) for item in error.errors()]) from None

    @classmethod
    def load_or_exit(cls) -> Self:
        """Read the environment; on invalid values print one line for each and exit with status 2."""
        try:
            return cls.load()
        except SettingsError as error:
            print(error, file=sys.stderr)
            raise SystemExit(2) from None


def over(defaults: MethodTable[Value], parse: Callable[[str], Value]) -> PlainValidator:
    """Read text as entries over the defaults; a table is one already."""
    return PlainValidator(lambda given: defaults.overlaid(given, parse) if isinstance(given, str) else given)


def _line(settings: type[BaseSettings], item: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in item["loc"])
    field = settings.model_fields.get(name)
    is_secret = field is None or "SecretStr" in str(field.annotation)
    given = "" if item["type"] == "missing" or is_secret else f" (got {item['input']!r})"
    return f"{name.upper()}: {item['msg']}{given}"
