"""The limits of orders, and the text that sets them by account and by client."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Final

UNLIMITED: Final = "unlimited"
WINDOW_SECONDS: Final = 10
"""How long an order counts towards `orders_per_10s`."""
LONGEST_DUPLICATE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What one order may be and how many there may be; the most that is allowed, each."""

    max_quantity: Decimal = Decimal(10)
    """Units of an order."""
    max_loss: Decimal = Decimal(5000)
    """Largest loss of an order, US dollars."""
    collar_percent: Decimal = Decimal(10)
    """Distance of the limit from mid, per cent of mid ..."""
    collar_ticks: Decimal = Decimal(3)
    """... or so many ticks, where that is more."""
    quote_age: Decimal = Decimal(3)
    """Age of the oldest leg's quote, seconds."""
    orders_per_10s: Decimal = Decimal(5)
    """Orders and replacements in any 10 seconds."""
    live_orders: Decimal = Decimal(15)
    """Orders that are not done, of one contract or combo and one side in one account. IB takes about 20."""
    duplicate_seconds: Decimal = Decimal(2)
    """An identical spread within so many seconds must be allowed explicitly."""
    daily_loss: Decimal = Decimal("Infinity")
    """Loss of an account's day, US dollars, at which nothing more is placed."""


NAMES: Final = tuple(field.name for field in fields(Limits))
DEFAULTS: Final = Limits()
UNITS: Final = dict(
    zip(NAMES, ("units", "USD", "% of mid", "ticks", "s", "orders", "orders", "s", "USD"), strict=True)
)
"""What each is counted in."""
_MAY_BE_UNLIMITED: Final = {"daily_loss", "max_loss"}
_WHOLE: Final = {"live_orders", "max_quantity", "orders_per_10s"}
_LARGEST: Final = {"duplicate_seconds": LONGEST_DUPLICATE_SECONDS, "orders_per_10s": 1000}
_SUBJECT: Final = re.compile(r"\*|(account|client) +(\S+)")
_STRICTEST: Final[Mapping[str, Callable[..., Decimal]]] = {"duplicate_seconds": max}
"""Of two values; the lower one is stricter where nothing else is said."""


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit in force: the most allowed, what it is counted in, and what is used of it."""

    name: str
    limit: Decimal
    unit: str
    used: Decimal | None = None


def limit_states(limits: Limits, used: Mapping[str, Decimal | None]) -> list[LimitState]:
    """All but those that are unlimited; `used` by name."""
    states = (LimitState(name.upper(), getattr(limits, name), UNITS[name], used.get(name)) for name in NAMES)
    return [state for state in states if state.limit.is_finite()]


Overrides = Mapping[str, Decimal]
Subject = tuple[str, str]
"""`account` or `client`, and its name; two empty texts for `*`."""
_EVERYONE: Final[Subject] = ("", "")


class LimitTable:
    """Limits by account and by client.

    What an entry names holds for its account or client instead of what `*` says; where an order's account and
    its client both name a limit the stricter one holds.
    """

    def __init__(self, entries: Mapping[Subject, Overrides] | None = None) -> None:
        self._entries = dict(entries or {})
        self._rest = replace(DEFAULTS, **self._entries.get(_EVERYONE, {}))

    def __repr__(self) -> str:
        return f"LimitTable({len(self._entries)} entries)"

    def of(self, *, account: str = "", client: str = "") -> Limits:
        """What holds for an order of this client in this account."""
        both = [self._entries.get(subject, {}) for subject in (("account", account), ("client", client))]
        named = {name: [entry[name] for entry in both if name in entry] for name in NAMES}
        changes = {name: _STRICTEST.get(name, min)(values) for name, values in named.items() if values}
        return replace(self._rest, **changes)


def parse_limits(text: str) -> LimitTable:
    """Read `*: max_loss=2000; account DU123: max_quantity=5, max_loss=1000; client alice: orders_per_10s=2`.

    Raises:
        ValueError: An entry that can't be read, which the message quotes.
    """
    entries: dict[Subject, dict[str, Decimal]] = {}
    for entry in filter(None, (each.strip() for each in text.split(";"))):
        subject, overrides = _entry(entry)
        if subject in entries:
            raise ValueError(f"{entry!r}: {' '.join(subject).strip() or '*'} is given twice")
        entries[subject] = overrides
    return LimitTable(entries)


def _entry(text: str) -> tuple[Subject, dict[str, Decimal]]:
    who, colon, rest = (part.strip() for part in text.partition(":"))
    match = _SUBJECT.fullmatch(who)
    if not colon or match is None:
        raise ValueError(f"{text!r}: must begin with '*:', 'account NAME:' or 'client NAME:'")
    overrides: dict[str, Decimal] = {}
    for item in rest.split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals or name not in NAMES:
            raise ValueError(f"{text!r}: {item.strip()!r} is not NAME=VALUE, with one of {', '.join(NAMES)}")
        if name in overrides:
            raise ValueError(f"{text!r}: {name} is given twice")
        overrides[name] = _value(name, value)
    return (match[1] or "", match[2] or ""), overrides


def _value(name: str, text: str) -> Decimal:
    if text == UNLIMITED and name in _MAY_BE_UNLIMITED:
        return Decimal("Infinity")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,4})?", text):
        raise ValueError(f"{name}={text}: must be a number, zero or positive")
    value = Decimal(text)
    if name in _WHOLE and value != int(value):
        raise ValueError(f"{name}={text}: must be a whole number")
    if value > _LARGEST.get(name, value):
        raise ValueError(f"{name}={text}: must be at most {_LARGEST[name]}")
    return value
