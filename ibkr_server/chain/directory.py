"""Option chains by underlying, found once and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import date
from typing import Any, Protocol, TypeVar

from ibkr_server.chain.contracts import Chain, Option, OptionParameters, Underlying
from mesh.errors import invalid_argument, not_found

T = TypeVar("T")

MAX_ANSWERS = 4096
"""Answers kept before those that are old or empty are cleared away."""


class Contracts(Protocol):
    """What is asked of the gateway."""

    async def underlying(self, symbol: str, security_type: str, currency: str) -> Underlying | None:
        """The share or index of that name."""

    async def underlying_of(self, con_id: int) -> Underlying | None:
        """The share or index of that contract number."""

    async def option_parameters(self, underlying: Underlying) -> list[OptionParameters]:
        """The trading classes and expirations listed on it."""

    async def options(self, underlying: Underlying, trading_class: str, expiration: date) -> list[Option]:
        """Every strike and right of an expiration."""


class ChainDirectory:
    """Chains, an expiration at a time; requests under way are shared by all who ask for the same.

    Owns the tasks of those requests: a caller that gives up leaves them running for the others, and `close`
    ends them.
    """

    def __init__(
        self,
        contracts: Contracts,
        market_now: Callable[[], float],
        clock: Callable[[], float],
        *,
        keep_seconds: float,
        max_contracts: int,
    ) -> None:
        """Keep answers for `keep_seconds` of the host's clock; refuse chains beyond `max_contracts`."""
        self._contracts = contracts
        self._market_now = market_now
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._max_contracts = max_contracts
        self._answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}
        self._names: dict[int, str] = {}

    def name(self, con_id: int) -> str:
        """Ticker or local symbol of a contract that was served; empty for others."""
        return self._names.get(con_id, "")

    async def underlying(self, symbol: str, security_type: str = "STK", currency: str = "USD") -> Underlying:
        """The share or index of that name.

        Raises:
            MeshError: NOT_FOUND where the gateway knows none.
        """
        found = await self._shared(
            (symbol, security_type, currency),
            lambda: self._contracts.underlying(symbol, security_type, currency),
        )
        if found is None:
            raise not_found(
                "symbol", symbol, f"the gateway knows no {security_type} of this name in {currency}"
            )
        self._names[found.con_id] = found.symbol
        return found

    async def underlying_of(self, con_id: int) -> Underlying:
        """The share or index of that contract number.

        Raises:
            MeshError: NOT_FOUND where the gateway knows none, or the contract is something else.
        """
        found = await self._shared((con_id, "underlying"), lambda: self._contracts.underlying_of(con_id))
        if found is None:
            raise not_found("con_id", str(con_id), "the gateway knows no share or index of this number")
        return found

    async def chain(self, underlying: Underlying, first: date, last: date) -> Chain:
        """All options that expire from `first` to `last`, both inclusive.

        Raises:
            MeshError: NOT_FOUND where nothing is listed on it; INVALID_ARGUMENT beyond the cap.
        """
        listed = await self._shared(
            (underlying.con_id, "parameters"), lambda: self._contracts.option_parameters(underlying)
        )
        if not listed:
            raise not_found("symbol", underlying.symbol, "no options are listed on it")
        keys = [
            (parameters.trading_class, expiration)
            for parameters in listed
            for expiration in parameters.expirations
            if first <= expiration <= last
        ]
        found = await asyncio.gather(*(self._expiration(underlying, *key) for key in keys))
        options = sorted((option for part in found for option in part), key=_order)
        if len(options) > self._max_contracts:
            raise invalid_argument(
                "expiration_to",
                f"{len(options)} contracts, more than {self._max_contracts}: ask for fewer expirations",
            )
        self._names.update((option.con_id, option.local_symbol) for option in options)
        return Chain(underlying, tuple(options), self._market_now())

    async def close(self) -> None:
        """End the requests under way."""
        tasks = [task for _, task in self._answers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _expiration(self, underlying: Underlying, trading_class: str, day: date) -> Awaitable[list[Option]]:
        return self._shared(
            (underlying.con_id, trading_class, day),
            lambda: self._contracts.options(underlying, trading_class, day),
        )

    async def _shared(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        now = self._clock()
        asked_at, task = self._answers.get(key, (0.0, None))
        if task is None or now - asked_at > self._keep_seconds or _is_useless(task):
            self._forget(now)
            task = asyncio.ensure_future(_run(ask))
            self._answers[key] = (now, task)
        answer: T = await asyncio.shield(task)
        return answer

    def _forget(self, now: float) -> None:
        if len(self._answers) < MAX_ANSWERS:
            return
        self._answers = {
            key: (at, task)
            for key, (at, task) in self._answers.items()
            if not task.done() or (now - at <= self._keep_seconds and not _is_useless(task))
        }


async def _run(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()


def _is_useless(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None or not task.result())


def _order(option: Option) -> tuple[date, str, float, int]:
    return (option.expiration, option.right, option.strike, option.con_id)
