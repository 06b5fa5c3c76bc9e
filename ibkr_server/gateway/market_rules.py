"""IB's market rules: the steps of a price, by the number that contract details give."""

import asyncio
from math import inf
from typing import Final

from ibkr_server import translation
from ibkr_server.chain.facts import PriceIncrement
from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.pacer import Lane

MOST_RULES: Final = 256
"""Rules kept; IB has some hundreds, of which the contracts of a login use a few."""
UNANSWERED_SECONDS: Final = 60.0
"""For so long a rule that the gateway did not answer is not asked for again."""


class MarketRules:
    """Asks for each rule once, and for one at a time: the library loses the first of two equal requests."""

    def __init__(self, link: GatewayLink) -> None:
        self._link = link
        self._rules: dict[int, tuple[float, tuple[PriceIncrement, ...]]] = {}
        self._asking = asyncio.Lock()

    async def increments(self, rule: int) -> tuple[PriceIncrement, ...]:
        """A rule, from the lowest price up; empty where the gateway does not answer.

        Raises:
            MeshError: As `GatewayLink.request` does.
        """
        async with self._asking:
            clock = asyncio.get_running_loop().time
            good_until, known = self._rules.get(rule, (-inf, ()))
            if clock() < good_until:
                return known
            # The library itself gives up after a second, and says so by None.
            answer = await self._link.request(Lane.REQUESTS, lambda ib: ib.reqMarketRuleAsync(rule))
            found = translation.to_increments(answer or ())
            if len(self._rules) >= MOST_RULES:
                self._rules.clear()
            self._rules[rule] = (inf if found else clock() + UNANSWERED_SECONDS, found)
            return found
