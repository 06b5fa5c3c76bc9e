"""Single trades and quotes: historical ticks, and tick by tick as they happen."""

from collections.abc import Sequence
from typing import NamedTuple

from tws_sim.wire.framing import Field, message


class Trade(NamedTuple):
    """One trade."""

    epoch: int
    price: float
    size: int
    exchange: str


class BidAsk(NamedTuple):
    """One state of the two best sides."""

    epoch: int
    bid: float
    ask: float
    bid_size: int
    ask_size: int


class MidPoint(NamedTuple):
    """One mid price."""

    epoch: int
    price: float


Tick = Trade | BidAsk | MidPoint
_HISTORICAL = {MidPoint: 96, BidAsk: 97, Trade: 98}


def historical(request_id: int, kind: type[Tick], ticks: Sequence[Tick], *, done: bool = True) -> bytes:
    """Past ticks of one kind."""
    fields: list[Field] = [_HISTORICAL[kind], request_id, len(ticks)]
    for tick in ticks:
        fields += [tick.epoch, 0, *_historical_fields(tick)]
    return message(*fields, done)


def _historical_fields(tick: Tick) -> list[Field]:
    if isinstance(tick, Trade):
        return [_number(tick.price), tick.size, tick.exchange, ""]
    if isinstance(tick, BidAsk):
        return [_number(tick.bid), _number(tick.ask), tick.bid_size, tick.ask_size]
    return [_number(tick.price), 0]


def live(request_id: int, number: int, tick: Tick) -> bytes:
    """One tick as it happens; ``number`` is 1 for Last, 2 for AllLast, 3 for BidAsk, 4 for MidPoint."""
    head: list[Field] = [99, request_id, number, tick.epoch]
    if isinstance(tick, Trade):
        return message(*head, _number(tick.price), tick.size, 0, tick.exchange, "")
    if isinstance(tick, BidAsk):
        return message(*head, _number(tick.bid), _number(tick.ask), tick.bid_size, tick.ask_size, 0)
    return message(*head, _number(tick.price))


def _number(value: float) -> str:
    return f"{value:.10g}"
