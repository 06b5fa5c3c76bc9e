"""Market data messages. Made up to a hundred thousand times a second, hence one format in bytes per shape."""

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
_PRICE = b"1\x006\0%d\0%d\0%.10g\0%d\0%d\0"
_SIZE = b"2\x006\0%d\0%d\0%d\0"
_COMPUTATION = b"21\0%d\0%d\x000\0" + 8 * b"%.12g\0"


def price(request_id: int, tick_type: int, value: float, size: int, mask: int = 1) -> bytes:
    """A price with the size that belongs to it; mask bit 0 says that it can be executed automatically."""
    data = _PRICE % (request_id, tick_type, value, size, mask)
    return _length(len(data)) + data


def size(request_id: int, tick_type: int, value: int) -> bytes:
    """A size, volume or open interest."""
    data = _SIZE % (request_id, tick_type, value)
    return _length(len(data)) + data


def computation(request_id: int, tick_type: int, model: Model) -> bytes:
    """An option computation; missing figures are the sentinels of ``NOT_COMPUTED``, never empty."""
    data = _COMPUTATION % (request_id, tick_type, *model)
    return _length(len(data)) + data


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
