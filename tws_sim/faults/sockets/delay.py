"""Delay."""

from typing import Annotated

from pydantic import Field

from tws_sim.clock import Clock
from tws_sim.faults.slow_wire import SlowWire
from tws_sim.faults.slowness import Slowness


class Delay(Slowness):
    """What the gateway sends arrives later, by a fixed time ± a jitter, in its order."""

    by: Annotated[float, Field(gt=0, le=60, description="Seconds.")]
    jitter: Annotated[float, Field(ge=0, le=60, description="Seconds more or less, evenly distributed.")] = (
        0.0
    )

    def wire(self, clock: Clock) -> SlowWire:
        """Late."""
        return SlowWire(clock, delay=self.by, jitter=self.jitter)
