"""The daily restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import Lasting
from tws_sim.faults.sockets import restart
from tws_sim.gateway import Gateway
from tws_sim.market.calendar import NEW_YORK


class DailyRestart(Lasting):
    """The gateway restarts every day at a time of the market's clock."""

    at: Annotated[time, Field(description="Time of day in New York, 23:45 for one.")]
    downtime: Annotated[float, Field(ge=1, le=3600, description="Seconds until it is back.")] = 60.0

    @asynccontextmanager
    async def active(self, gateway: Gateway) -> AsyncIterator[None]:
        """Wait for the time, day after day."""
        async with asyncio.TaskGroup() as tasks:
            days = tasks.create_task(self._days(gateway))
            try:
                yield
            finally:
                days.cancel()

    async def _days(self, gateway: Gateway) -> None:
        market = gateway.market.clock
        while True:
            await gateway.clock.sleep(seconds_until(self.at, market.now()) / market.speed)
            await gateway.faults.start(restart.Restart(seconds=self.downtime))
            await gateway.clock.sleep(self.downtime)


def seconds_until(at: time, now: datetime) -> float:
    """Seconds from ``now`` to the next time the clocks of New York show ``at``."""
    today = now.astimezone(NEW_YORK)
    coming = datetime.combine(today.date(), at.replace(tzinfo=None), NEW_YORK)
    if coming.timestamp() <= now.timestamp():
        coming = datetime.combine(today.date() + timedelta(days=1), at.replace(tzinfo=None), NEW_YORK)
    return coming.timestamp() - now.timestamp()
