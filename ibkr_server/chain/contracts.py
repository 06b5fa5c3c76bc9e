"""Option contracts as the mesh knows them, free of IB's types."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Right = Literal["C", "P"]


@dataclass(frozen=True, slots=True)
class Underlying:
    """What options are written on; quoted at `exchange`. `min_tick` in currency per share."""

    con_id: int
    symbol: str
    security_type: str
    currency: str
    exchange: str
    primary_exchange: str
    min_tick: float


@dataclass(frozen=True, slots=True)
class Option:
    """One listed option. `strike` and `min_tick` in currency per share."""

    con_id: int
    symbol: str
    expiration: date
    strike: float
    right: Right
    multiplier: float
    trading_class: str
    min_tick: float
    local_symbol: str


@dataclass(frozen=True, slots=True)
class OptionParameters:
    """The expirations listed for a trading class."""

    trading_class: str
    expirations: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Options by expiration, then calls before puts, then strike; `as_of` in market time."""

    underlying: Underlying
    options: tuple[Option, ...]
    as_of: float
