"""Asks the gateway for its time: sets the market clock, shows that it reads, notices its silence."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import NoReturn

from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.pacer import Lane, Pacer

PERIOD_SECONDS = 1.0
SILENT_SECONDS = 1.5
"""Without an answer for this long nothing that came before can be relied on."""
DEAD_SECONDS = 10.0
"""Without an answer for this long the connection is given up: a peer may be gone without a word."""


class Pulse:
    """The heartbeat of one session: every second, and sooner where proof is wanted that the gateway reads."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[datetime]],
        pacer: Pacer,
        market_clock: MarketClock,
        clock: Callable[[], float],
        on_silence: Callable[[bool], None],
    ) -> None:
        """`ask` requests the gateway's time; `on_silence` is told that answers stay away, or come again."""
        self._ask = ask
        self._pacer = pacer
        self._market_clock = market_clock
        self._clock = clock
        self._on_silence = on_silence

    async def run(self) -> NoReturn:
        """Ask until cancelled.

        Raises:
            TimeoutError: The gateway has not answered for ten seconds.
        """
        while True:
            number = await self._pacer.turn(Lane.PULSE)
            told = await self._answer()
            self._pacer.read(number)
            self._market_clock.observe(told.timestamp(), self._clock())
            self._on_silence(False)
            with suppress(TimeoutError):
                async with asyncio.timeout(PERIOD_SECONDS):
                    await self._pacer.proof_wanted.wait()

    async def _answer(self) -> datetime:
        answer = asyncio.ensure_future(self._ask())
        try:
            done, _ = await asyncio.wait({answer}, timeout=SILENT_SECONDS)
            if not done:
                self._on_silence(True)
                done, _ = await asyncio.wait({answer}, timeout=DEAD_SECONDS - SILENT_SECONDS)
            if not done:
                raise TimeoutError(f"the gateway has been silent for {DEAD_SECONDS:.0f} s")
            return answer.result()
        finally:
            answer.cancel()
