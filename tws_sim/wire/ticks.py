"""Market data messages. Called thousands of times a second, hence one format per shape."""

import struct
from typing import NamedTuple

from tws_sim.market.quote import Model
from tws_sim.wire.framing import message

HISTORICAL_VOLATILITY, IMPLIED_VOLATILITY = 23, 24
CALL_OPEN_INTEREST, PUT_OPEN_INTEREST = 27, 28
CALL_VOLUME, PUT_VOLUME = 29, 30
MARK_PRICE = 37
RT_VOLUME = 48
CUSTOM_OPTION = 53
NOT_COMPUTED = Model(-1.0, -2.0, -1.0, -1.0, -2.0, -2.0, -2.0, -1.0)


class TickTypes(NamedTuple):
    """Tick types that differ between live and delayed data."""

    bid_size: int
    bid: int
    ask: int
    ask_size: int
    last: int
    volume: int
    close: int
    model: int
    last_timestamp: int
    bid_model: int
    ask_model: int
    last_model: int


LIVE_TYPES = TickTypes(0, 1, 2, 3, 4, 8, 9, 13, 45, 10, 11, 12)
DELAYED_TYPES = TickTypes(69, 66, 67, 70, 68, 74, 75, 83, 88, 80, 81, 82)

_length = struct.Struct(">I").pack


def _framed(payload: str) -> bytes:
    data = payload.encode()
    return _length(len(data)) + data


def price(request_id: int, tick_type: int, value: float, size: int, mask: int = 1) -> bytes:
    """A price with the size that belongs to it; mask bit 0 says that it can be executed automatically."""
    return _framed(f"1\x006\0{request_id}\0{tick_type}\0{value:.10g}\0{size}\0{mask}\0")


def size(request_id: int, tick_type: int, value: int) -> bytes:
    """A size, volume or open interest."""
    return _framed(f"2\x006\0{request_id}\0{tick_type}\0{value}\0")


def computation(request_id: int, tick_type: int, model: Model) -> bytes:
    """An option computation; missing figures are the sentinels of ``NOT_COMPUTED``, never empty."""
    fields = "".join(f"{value:.12g}\0" for value in model)
    return _framed(f"21\0{request_id}\0{tick_type}\x000\0{fields}")


def generic(request_id: int, tick_type: int, value: float) -> bytes:
    """A single figure that is neither price nor size."""
    return message(45, 6, request_id, tick_type, f"{value:.10g}")


def string(request_id: int, tick_type: int, value: str) -> bytes:
    """A text tick, the time of the last trade for one."""
    return message(46, 6, request_id, tick_type, value)


def request_parameters(request_id: int, min_tick: float, bbo_exchange: str, permissions: int) -> bytes:
    """What holds for a whole market data request."""
    return message(81, request_id, min_tick, bbo_exchange, permissions)


def market_data_type(request_id: int, kind: int) -> bytes:
    """1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
    return message(58, 1, request_id, kind)


def snapshot_end(request_id: int) -> bytes:
    """All of a snapshot has been sent."""
    return message(57, 1, request_id)
