"""Roles, each of which may do what the ones before it may, and who is calling."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

ANONYMOUS: Final = "anonymous"
"""Name of whoever calls without a key where none is needed."""


class Role(IntEnum):
    """What a caller may do at most."""

    VIEWER = 1
    """Reads: quotes, scans, presets, positions, accounts and its own orders."""
    PREVIEWER = 2
    """Also asks what an order would cost, and saves presets."""
    TRADER = 3
    """Also places, changes and cancels its own orders, and halts."""
    OPERATOR = 4
    """Also resumes, and sees and cancels everybody's orders."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the name that its orders are kept under."""

    name: str
    role: Role


current: Final[ContextVar[Caller]] = ContextVar("caller")
"""The caller of the call that is being handled; set before its handler runs."""


def current_caller() -> Caller:
    """The caller of the call that is being handled.

    Raises:
        LookupError: Outside of calls.
    """
    return current.get()


def parse_role(text: str) -> Role:
    """Read a role by its name, in lower case.

    Raises:
        ValueError: It names none.
    """
    for role in Role:
        if role.name.lower() == text:
            return role
    raise ValueError(f"{text!r} is not one of {', '.join(role.name.lower() for role in Role)}")
