"""Faults of a number of requests of one kind."""

import asyncio
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr

from tws_sim.clock import Clock
from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.wire.requests import REQUESTS


def _known(name: str) -> str:
    if name not in REQUESTS:
        raise ValueError(f"unknown request {name!r}; known are {', '.join(REQUESTS)}")
    return name


RequestName = Annotated[
    str, AfterValidator(_known), Field(description="Name of the request, reqContractDetails for one.")
]
Count = Annotated[
    Annotated[int, Field(ge=1)] | None, Field(description="How many such requests; all of them if absent.")
]


class Counted(Lasting, ForClient):
    """It strikes requests of one kind until its time is over or so many have been struck."""

    request: RequestName
    count: Count = None
    _left: int | None = PrivateAttr(None)
    _spent: asyncio.Event = PrivateAttr(default_factory=asyncio.Event)

    def takes(self, message_id: int) -> bool:
        """Whether it strikes a request; counts it."""
        if message_id != REQUESTS[self.request].message_id or self._left == 0:
            return False
        if self._left is not None:
            self._left -= 1
        if self._left == 0:
            self._spent.set()
        return True

    async def last(self, clock: Clock) -> None:
        """Wait for whichever comes first."""
        self._left = self.count
        either = [asyncio.ensure_future(super().last(clock)), asyncio.ensure_future(self._spent.wait())]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in either:
                waiting.cancel()
            await asyncio.wait(either)
