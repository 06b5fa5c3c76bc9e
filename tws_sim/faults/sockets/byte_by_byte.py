"""Byte by byte."""

from typing import Annotated

from pydantic import Field

from tws_sim.clock import Clock
from tws_sim.faults.slow_wire import SlowWire
from tws_sim.faults.slowness import Slowness


class ByteByByte(Slowness):
    """What the gateway sends is written in pieces, of one byte each by default."""

    size: Annotated[int, Field(ge=1, le=4096, description="Bytes per write.")] = 1
    interval: Annotated[float, Field(ge=0, le=10, description="Seconds between two writes.")] = 0.0

    def wire(self, clock: Clock) -> SlowWire:
        """In pieces."""
        return SlowWire(clock, size=self.size, interval=self.interval)
