"""Market rules on virtual time, asked for as often as is of use."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from ib_insync import PriceIncrement as IbIncrement

from ibkr_server.gateway import market_rules
from ibkr_server.gateway.market_rules import UNANSWERED_SECONDS, MarketRules
from ibkr_server.gateway.pacer import Lane
from tests.ibkr_server.gateway.scripted import on_virtual_time

PENNY_PILOT = [IbIncrement(3.0, 0.05), IbIncrement(0.0, 0.01)]
STEPS = ((0, Decimal("0.01")), (3, Decimal("0.05")))


class Link:
    """Answers after a while; like the library, it loses the first of two requests for one rule at a time."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.answers: dict[int, list[IbIncrement] | None] = {109: PENNY_PILOT}
        self._under_way: set[int] = set()

    async def request(self, lane: Lane, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        return await ask(self)

    async def reqMarketRuleAsync(self, rule: int) -> list[IbIncrement] | None:  # noqa: N802 - the library's
        assert rule not in self._under_way
        self._under_way.add(rule)
        self.asked.append(rule)
        await asyncio.sleep(0.1 if rule in self.answers else 1.0)
        self._under_way.discard(rule)
        return self.answers.get(rule)


@on_virtual_time
async def test_four_legs_ask_once_for_their_rule() -> None:
    link = Link()
    rules = MarketRules(link)
    assert await asyncio.gather(*(rules.increments(109) for _ in range(4))) == [STEPS] * 4
    assert link.asked == [109]


@on_virtual_time
async def test_four_legs_of_a_rule_that_is_not_answered_wait_for_it_once() -> None:
    link, clock = Link(), asyncio.get_running_loop().time
    rules, began = MarketRules(link), clock()
    assert await asyncio.gather(*(rules.increments(32) for _ in range(4))) == [()] * 4
    assert clock() - began < 1.5
    link.answers[32] = PENNY_PILOT
    assert await rules.increments(32) == ()
    await asyncio.sleep(UNANSWERED_SECONDS)
    assert await rules.increments(32) == STEPS
    assert link.asked == [32, 32]


@on_virtual_time
async def test_no_more_than_so_many_are_kept() -> None:
    link = Link()
    rules = MarketRules(link)
    link.answers = dict.fromkeys(range(market_rules.MOST_RULES + 1), PENNY_PILOT)
    for rule in link.answers:
        await rules.increments(rule)
    link.asked.clear()
    await rules.increments(market_rules.MOST_RULES)
    await rules.increments(0)
    assert link.asked == [0]
