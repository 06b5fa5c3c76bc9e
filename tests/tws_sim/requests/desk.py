"""A connected client that a case asks its questions with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import ib_insync as ibi

DEADLINE = 10.0
ACCOUNT = "DU4242424"


@dataclass
class Desk:
    """A connected client and the contracts it asks about."""

    ib: ibi.IB
    share: ibi.Contract
    option: ibi.Contract
    future: ibi.Contract
    pair: ibi.Contract
    coin: ibi.Contract
    index: ibi.Contract
    errors: list[int]
    now: datetime

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something has arrived."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.01)

    async def settled(self) -> list[int]:
        """Errors that have come by the answer to a question asked now."""
        async with asyncio.timeout(DEADLINE):
            await self.ib.reqCurrentTimeAsync()
        return self.errors

    async def fails(self, code: int, asked: object = None) -> None:
        """Wait until the gateway has answered with an error."""
        if asyncio.isfuture(asked) or asyncio.iscoroutine(asked):
            async with asyncio.timeout(DEADLINE):
                await asked
        await self.until(lambda: code in self.errors)


Case = Callable[[Desk], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__] = function
    return function
