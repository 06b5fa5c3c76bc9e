"""Turns: many streams that wake at once leave room between them for whoever is in a hurry."""

import asyncio
from collections import deque


class Turns:
    """Lets a few go on in each round of the event loop, first come first served; others wait for the next.

    A tick wakes every stream that follows its contract. Were all of them to build their batches in one
    round, an order would wait for all of them at each of its steps; so it waits for a few. Nobody waits
    while there are fewer than that. Belongs to one event loop.
    """

    def __init__(self, each_round: int) -> None:
        self._each_round = each_round
        self._left = each_round
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    def __repr__(self) -> str:
        return f"<Turns {self._left}/{self._each_round} waiting={len(self._waiting)}>"

    async def take(self) -> None:
        """Wait for a turn, at most as long as those before have theirs. Safe to cancel."""
        if self._left and not self._waiting:
            self._left -= 1
            self._count()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._count()
        await turn

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._left = self._each_round
        while self._left and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        self._is_counting = False
        if self._left < self._each_round:
            self._count()
