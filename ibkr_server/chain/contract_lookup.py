"""Contracts by IB's number, found once and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from ibkr_server.chain.facts import ContractFacts
from mesh.errors import deadline_exceeded

MOST_KEPT: Final = 4096
LOOKUP_SECONDS: Final = 5.0


class FactsSource(Protocol):
    """What is asked of the gateway."""

    async def facts(self, con_id: int) -> ContractFacts | None:
        """The contract of that number; None where the gateway knows none."""


class ContractLookup:
    """Facts of any contract; the `MOST_KEPT` used last are kept, none for longer than `keep_seconds`."""

    def __init__(self, source: FactsSource, clock: Callable[[], float], *, keep_seconds: float) -> None:
        """Ask `source`; `clock` gives the host's monotonic seconds."""
        self._source = source
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._known: OrderedDict[int, tuple[float, ContractFacts]] = OrderedDict()

    def __repr__(self) -> str:
        return f"<ContractLookup {len(self._known)} contracts>"

    async def facts(self, con_ids: Iterable[int]) -> dict[int, ContractFacts]:
        """Facts by contract number; those that the gateway does not know are left out.

        Raises:
            MeshError: DEADLINE_EXCEEDED after `LOOKUP_SECONDS`; UNAVAILABLE without a session.
            GatewayRefusal: The gateway answered with an error.
        """
        wanted = dict.fromkeys(con_ids)
        known = {con_id: self._known[con_id][1] for con_id in wanted if self._is_known(con_id)}
        asked = await self._ask([con_id for con_id in wanted if con_id not in known])
        self._keep([*known.values(), *asked])
        return known | {facts.con_id: facts for facts in asked}

    def symbol(self, con_id: int) -> str:
        """The ticker of a contract's underlying, if it was asked for lately; empty otherwise."""
        _, facts = self._known.get(con_id, (0.0, None))
        return "" if facts is None else facts.symbol

    async def _ask(self, con_ids: Sequence[int]) -> list[ContractFacts]:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                answers = await asyncio.gather(*map(self._source.facts, con_ids), return_exceptions=True)
        except TimeoutError:
            raise deadline_exceeded(
                "CONTRACTS_UNANSWERED", f"the gateway has not described a contract in {LOOKUP_SECONDS:g} s"
            ) from None
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if isinstance(answer, ContractFacts)]

    def _is_known(self, con_id: int) -> bool:
        asked_at, _ = self._known.get(con_id, (float("-inf"), None))
        if self._clock() - asked_at <= self._keep_seconds:
            return True
        self._known.pop(con_id, None)
        return False

    def _keep(self, found: Iterable[ContractFacts]) -> None:
        now = self._clock()
        for facts in found:
            asked_at, _ = self._known.pop(facts.con_id, (now, None))
            self._known[facts.con_id] = (asked_at, facts)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
